import path from 'node:path'
import { type Advice, advise, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import { parseDuration } from '../time.ts'
import { closest, oneOf } from './closest.ts'
import type { FaultKind } from './fault-kinds.ts'

/** A destination of `stream --to`. */
export type Where = StdoutPlace | NdjsonPlace | PostgresPlace

export interface StdoutPlace {
  readonly kind: 'stdout'
}

/** A folder of NDJSON files. A batch becomes visible at this size, or this long after its first event. */
export interface NdjsonPlace {
  readonly kind: 'ndjson'
  /** Absolute path. */
  readonly folder: string
  readonly sizeBytes: number
  readonly ageMs: number
}

/** Tables of a PostgreSQL database. */
export interface PostgresPlace {
  readonly kind: 'postgres'
  /** The address as its client takes it, without a password. */
  readonly url: string
  /** The address for people. */
  readonly location: string
  /** The schema of the tables; created if it is missing. */
  readonly schema: string
}

/** The forms of a destination, and an example of each. */
const FORMS: Readonly<Record<string, { form: string; example: string; what: string }>> = {
  '-': { form: '-', example: '-', what: 'one event per line on stdout' },
  postgres: {
    form: 'postgres://[USER@]HOST[:PORT]/DATABASE',
    example: 'postgres://localhost/shop',
    what: 'tables of a PostgreSQL database',
  },
  ndjson: { form: 'ndjson:DIR', example: 'ndjson:events', what: 'NDJSON files in a folder' },
}

const FORM_WIDTH = 2 + Math.max(...Object.values(FORMS).map(({ form }) => form.length))

export const STDOUT = '-'

/** The kinds of faults that a destination cannot carry: a typed column takes no malformed value, and no new form. */
export const cannotCarry = ({ kind }: Where): readonly FaultKind[] =>
  kind === 'postgres' ? ['malformed', 'drift'] : []

/**
 * `-`, `ndjson:DIR`, …. Options follow as in an address: `ndjson:events?size=8MB&age=1m`. `base`: the folder that
 * relative paths start from. Throws `bad_flag` with the list of forms for anything else.
 */
export function parseWhere(text: string, base: string): Where {
  if (text === STDOUT) return { kind: 'stdout' }
  const [, scheme] = /^([a-z][a-z+.-]*):/i.exec(text) ?? []
  switch (scheme?.toLowerCase()) {
    case 'ndjson':
      return ndjsonPlace(text, base)
    case 'postgres':
    case 'postgresql':
      return postgresPlace(text)
    default:
      throw unknownWhere(text, scheme)
  }
}

function ndjsonPlace(text: string, base: string): NdjsonPlace {
  const [place, options] = optionsOf(text, { size: sizeOption, age: durationOption })
  const folder = place.slice('ndjson:'.length)
  if (folder === '') throw badWhere(text, 'it names no folder', 'ndjson')
  return {
    kind: 'ndjson',
    folder: path.resolve(base, folder),
    sizeBytes: options.size ?? 64_000_000,
    ageMs: options.age ?? 10_000,
  }
}

function postgresPlace(text: string): PostgresPlace {
  const same = (value: string) => ({ value })
  const passed = {
    host: same,
    port: same,
    user: same,
    dbname: same,
    sslmode: same,
    sslrootcert: same,
    sslcert: same,
    sslkey: same,
  }
  const [place, { schema, ...others }] = optionsOf(text, { schema: schemaOption, ...passed })
  const url = urlOf(text, place, 'postgres')
  if (url.pathname.length < 2) throw badWhere(text, 'it names no database', 'postgres')
  for (const [name, given] of Object.entries(others)) if (given) url.searchParams.set(name, given.value)
  return {
    kind: 'postgres',
    url: url.href,
    location: `${place.replace(/^postgresql:/, 'postgres:')}${schema ? `?schema=${schema.name}` : ''}`,
    schema: schema?.name ?? 'retail',
  }
}

const SECRETS = {
  postgres: 'put the password into PGPASSWORD, or into ~/.pgpass',
} as const

/** An address without a password: a command line is visible to every user of the machine, and files get committed. */
function urlOf(text: string, place: string, kind: keyof typeof SECRETS): URL {
  const url = URL.canParse(place) ? new URL(place) : undefined
  if (!url) throw badWhere(text, 'it is not an address', kind)
  if (url.password !== '')
    throw new RetailError('bad_flag', `--to ${place.replace(/:[^:@/]*@/, ':…@')} contains a password`, {
      why: 'a command line is visible to every user of the machine',
      hint: SECRETS[kind],
    })
  return url
}

function schemaOption(text: string): { name: string } | string {
  return /^[a-z_][a-z0-9_]{0,62}$/.test(text) ? { name: text } : 'a name of lower-case letters, digits, and _'
}

type Readers = Record<string, (value: string) => unknown>
type Options<R extends Readers> = { [K in keyof R]?: Exclude<ReturnType<R[K]>, string> }

/** The options behind the `?` of an address. A reader returns what it expects, as text, if the value is wrong. */
function optionsOf<R extends Readers>(text: string, readers: R): [place: string, options: Options<R>] {
  const at = text.indexOf('?')
  if (at < 0) return [text, {}]
  const options: Record<string, unknown> = {}
  for (const [name, value] of new URLSearchParams(text.slice(at + 1))) {
    const names = Object.keys(readers)
    if (!Object.hasOwn(readers, name)) {
      const near = closest(name, names)
      throw badWhere(text, `it has no option ${name}${near ? `; did you mean ${near}?` : `, only ${oneOf(names)}`}`)
    }
    const read = readers[name](value)
    if (typeof read === 'string') throw badWhere(text, `option ${name}: expected ${read}, got ${JSON.stringify(value)}`)
    options[name] = read
  }
  return [text.slice(0, at), options as Options<R>]
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 }

function sizeOption(text: string): number | string {
  const [, digits, unit] = /^(\d{1,12})([kMG]?)B?$/.exec(text) ?? []
  const size = Number(digits) * UNITS[unit ?? '']
  return size > 0 ? size : 'a size like 64MB or 500kB'
}

function durationOption(text: string): number | string {
  return parseDuration(text) ?? 'a duration like 10s or 1m'
}

function unknownWhere(text: string, scheme: string | undefined): RetailError {
  const near = closest(scheme ?? text, Object.keys(FORMS))
  return new RetailError('bad_flag', `--to ${text} is not a destination`, {
    why: [
      'the forms are:',
      ...Object.values(FORMS).map(({ form, what }) => `  ${form.padEnd(FORM_WIDTH)}${what}`),
    ].join('\n'),
    hint: near && toExample(near),
  })
}

const toExample = (scheme: string): Advice => advise`${retail('stream', '--to', FORMS[scheme].example)}`

function badWhere(text: string, why: string, scheme?: string): RetailError {
  return new RetailError('bad_flag', `--to ${text} is not valid`, {
    why,
    hint: scheme ? toExample(scheme) : advise`${retail('stream', '--help')}`,
  })
}
