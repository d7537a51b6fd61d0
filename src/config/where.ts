import path from 'node:path'
import { type Advice, advise, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import { parseDuration } from '../time.ts'
import { closest, oneOf } from './closest.ts'

/** A destination of `stream --to`. */
export type Where = StdoutPlace | NdjsonPlace

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

/** The forms of a destination, and an example of each. */
const FORMS: Readonly<Record<string, { form: string; example: string; what: string }>> = {
  '-': { form: '-', example: '-', what: 'one event per line on stdout' },
  ndjson: { form: 'ndjson:DIR', example: 'ndjson:events', what: 'NDJSON files in a folder' },
}

export const STDOUT = '-'

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
    why: ['the forms are:', ...Object.values(FORMS).map(({ form, what }) => `  ${form.padEnd(12)}${what}`)].join('\n'),
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
