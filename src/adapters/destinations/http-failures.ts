import { RetailError } from '../../errors.ts'
import { innermost, reasonOf } from './patience.ts'

/** Overloaded, restarting, or asked too often. */
export const isPassing = (status: number): boolean => status >= 500 || [408, 409, 423, 425, 429].includes(status)

/** Fetch says that it failed, and its cause says why. */
export function unanswered(error: unknown, afterMs: number): Error {
  const cause = innermost(error)
  return cause.name === 'TimeoutError' ? new Error(`no answer for ${afterMs / 1000} s`, { cause: error }) : cause
}

/** What a failure to connect means that a later try would meet again; undefined for one that may pass. */
export function connectionRefusal(location: string, protocol: string, error: unknown): RetailError | undefined {
  const cause = innermost(error)
  const code = String(Object(cause).code)
  if (/^(EPROTO|ERR_SSL_|HPE_)/.test(code))
    return new RetailError('missing', `${location} does not speak ${protocol.replace(':', '').toUpperCase()}`, {
      why: reasonOf(cause),
      hint: 'check the address: its port, and whether it begins with http:// or https://',
      cause: error,
    })
  return /CERT|SELF_SIGNED|UNABLE_TO/.test(code)
    ? new RetailError('not_allowed', `the certificate of ${location} is not trusted`, {
        why: cause.message,
        hint: 'name the certificate of its authority in NODE_EXTRA_CA_CERTS',
        cause: error,
      })
    : undefined
}
