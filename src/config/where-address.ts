import { type Advice, advise, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import { closest, oneOf } from './closest.ts'
import { withoutSecrets } from './without-secrets.ts'

/* The text of `--to`: the parts of an address, and what is said about one that is wrong. */

/** The forms of a destination, and an example of each. */
const FORMS: Readonly<Record<string, { form: string; example: string; what: string }>> = {
  '-': { form: '-', example: '-', what: 'one event per line on stdout' },
  postgres: {
    form: 'postgres://[USER@]HOST[:PORT]/DATABASE',
    example: 'postgres://localhost/shop',
    what: 'tables of a PostgreSQL database',
  },
  kafka: { form: 'kafka://HOST[:PORT][,HOST…]', example: 'kafka://localhost:9092', what: 'topics of a Kafka cluster' },
  https: {
    form: 'https://HOST/PATH',
    example: 'https://localhost/events',
    what: 'an HTTP endpoint that takes CloudEvents',
  },
  ndjson: { form: 'ndjson:DIR', example: 'ndjson:events', what: 'NDJSON files in a folder' },
}

const FORM_WIDTH = 2 + Math.max(...Object.values(FORMS).map(({ form }) => form.length))

const SECRETS = {
  http: 'put the value of the header Authorization into RETAIL_HTTP_AUTHORIZATION',
  postgres: 'put the password into PGPASSWORD, or into ~/.pgpass',
} as const

/** An address without a password: a command line is visible to every user of the machine, and files get committed. */
export function urlOf(text: string, place: string, kind: keyof typeof SECRETS): URL {
  const url = URL.canParse(place) ? new URL(place) : undefined
  if (!url) throw badWhere(text, 'it is not an address', kind === 'http' ? 'https' : kind)
  if (url.password !== '')
    throw new RetailError('bad_flag', `--to ${withoutSecrets(place)} contains a password`, {
      why: 'a command line is visible to every user of the machine',
      hint: SECRETS[kind],
    })
  return url
}

type Readers = Record<string, (value: string) => unknown>
type Options<R extends Readers> = { [K in keyof R]?: Exclude<ReturnType<R[K]>, string> }

/** The options behind the `?` of an address. A reader returns what it expects, as text, if the value is wrong. */
export function optionsOf<R extends Readers>(
  text: string,
  readers: R,
  query?: URLSearchParams,
): [place: string, options: Options<R>] {
  const at = text.indexOf('?')
  if (at < 0) return [text, {}]
  const options: Record<string, unknown> = {}
  for (const [name, value] of query ?? new URLSearchParams(text.slice(at + 1))) {
    const names = Object.keys(readers)
    if (!Object.hasOwn(readers, name)) {
      // What follows the `?` may be the rest of a password.
      if (!/^[\w.-]+$/.test(name)) throw badWhere(text, 'it is not an address')
      const near = closest(name, names)
      throw badWhere(text, `it has no option ${name}${near ? `; did you mean ${near}?` : `, only ${oneOf(names)}`}`)
    }
    const read = readers[name](value)
    if (typeof read === 'string')
      throw badWhere(text, `option ${name}: expected ${read}, got ${JSON.stringify(withoutSecrets(value))}`)
    options[name] = read
  }
  return [text.slice(0, at), options as Options<R>]
}

/** `names`: those of the sinks. */
export function unknownWhere(text: string, scheme: string | undefined, names: readonly string[]): RetailError {
  const near = closest(scheme ?? text, [...names, ...Object.keys(FORMS)])
  return new RetailError('bad_flag', `--to ${withoutSecrets(text)} is not a destination`, {
    why: [
      'the forms are:',
      ...Object.values(FORMS).map(({ form, what }) => `  ${form.padEnd(FORM_WIDTH)}${what}`),
      ...(names.length > 0 ? [`the sinks of retail.yaml are ${names.join(', ')}`] : []),
    ].join('\n'),
    hint: near && (names.includes(near) ? advise`${retail('stream', '--to', near)}` : toExample(near)),
  })
}

/** A flag that is an option of Kafka's addresses, beside another destination. */
export const onlyKafka = (text: string, option: string): RetailError => {
  const flag = `--${option.replaceAll('_', '-')}`
  return new RetailError('bad_flag', `${flag} is for Kafka, not for --to ${withoutSecrets(text)}`, {
    why:
      option === 'exactly_once'
        ? 'files and PostgreSQL have each event exactly once without it; stdout and HTTP cannot'
        : 'all other destinations have one form',
    hint: `omit ${flag}`,
  })
}

const toExample = (scheme: string): Advice => advise`${retail('stream', '--to', FORMS[scheme].example)}`

/** `scheme`: of the example in the hint. */
export function badWhere(text: string, why: string, scheme?: string): RetailError {
  return new RetailError('bad_flag', `--to ${withoutSecrets(text)} is not valid`, {
    why,
    hint: scheme ? toExample(scheme) : advise`${retail('stream', '--help')}`,
  })
}
