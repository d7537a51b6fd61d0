import * as z from 'zod'
import { closest, oneOf } from './closest.ts'

/** The settings of a destination, by the one that says where it is. */
const SETTINGS = {
  brokers: [
    'prefix',
    'partitions',
    'replicas',
    'tls',
    'ca',
    'sasl',
    'credentials',
    'exactly_once',
    'format',
    'registry',
  ],
  url: ['schema', 'sslmode', 'sslrootcert', 'in_flight', 'batch'],
  folder: ['size', 'age'],
} as const
type Kind = keyof typeof SETTINGS
const KINDS = Object.keys(SETTINGS) as Kind[]

/** A named destination of retail.yaml. It holds no secret: they come from the environment, or from a file elsewhere. */
export type Sink = Readonly<Record<string, string | number | boolean>>
export type Sinks = Readonly<Record<string, Sink>>

export const sinksSection = z
  .record(
    z.string().regex(/^[a-z][\w-]{0,39}$/, { error: 'expected a name of letters, digits, _, and -' }),
    z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  )
  .superRefine((sinks, context) => {
    for (const [name, sink] of Object.entries(sinks)) {
      const message = mistakeIn(sink)
      if (message) context.addIssue({ code: 'custom', path: [name], message })
    }
  })
  .describe('named destinations of `stream --to NAME`')

function mistakeIn(sink: Sink): string | undefined {
  const kinds = KINDS.filter((kind) => Object.hasOwn(sink, kind))
  if (kinds.length !== 1) return `expected one of ${oneOf(KINDS)} (it says where the destination is)`
  const known: readonly string[] = SETTINGS[kinds[0]]
  const unknown = Object.keys(sink).find((key) => key !== kinds[0] && !known.includes(key))
  if (unknown === undefined) return undefined
  if (/password|secret|token|user/.test(unknown))
    return `${unknown}: secrets do not belong in this file; set them in the environment (such as RETAIL_KAFKA_PASSWORD or PGPASSWORD)`
  const near = closest(unknown, known)
  return `unknown key ${unknown} (${near ? `did you mean ${near}?` : `valid keys: ${oneOf([kinds[0], ...known])}`})`
}

/** The address of a named destination, as `--to` takes it. */
export function addressOf(sink: Sink): string {
  const kind = KINDS.find((each) => Object.hasOwn(sink, each))!
  const { [kind]: place, ...options } = sink
  const address = { brokers: `kafka://${place}`, url: `${place}`, folder: `ndjson:${place}` }[kind]
  return withOptions(address, options)
}

export function withOptions(address: string, options: Sink): string {
  const given = Object.entries(options).map(([name, value]): [string, string] => [name, `${value}`])
  if (given.length === 0) return address
  return `${address}${address.includes('?') ? '&' : '?'}${new URLSearchParams(given)}`
}
