/**
 * An address as it may be shown. A password may contain what ends one in a valid address, so everything up to the last
 * `@` is left out; and so are the values of parameters whose names say that they are secret.
 */
export const withoutSecrets = (address: string): string =>
  address
    .replace(/^([a-z][a-z+.-]*:\/\/)?([^:@/]*):.*@/i, '$1$2:…@')
    .replace(/([?&][^=&]*(?:pass|secret|token|key|auth|sig)[^=&]*=)[^&]*/gi, '$1…')
