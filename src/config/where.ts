import path from 'node:path'
import { type FaultKind, VERSIONED } from './fault-kinds.ts'
import { KAFKA_FORMATS } from './kafka-formats.ts'
import { addressOf, type Sinks, withOptions } from './sinks.ts'
import { badWhere, onlyKafka, optionsOf, unknownWhere, urlOf } from './where-address.ts'
import {
  choiceOption,
  countOption,
  durationOption,
  registryOption,
  schemaOption,
  sizeOption,
  sslModeOption,
  topicOption,
  yesOption,
} from './where-options.ts'
import { withoutSecrets } from './without-secrets.ts'

/** A destination of `stream --to`. */
export type Where = StdoutPlace | NdjsonPlace | KafkaPlace | HttpPlace | PostgresPlace

/** A folder of files that `backfill --out` wrote. */
export interface ExportFolder {
  readonly kind: 'export'
  /** Absolute path. */
  readonly folder: string
}

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

export const SASL = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer', 'google'] as const

/** Topics of a Kafka cluster: `PREFIX.transactions`, `PREFIX.inventories`, and `PREFIX.positions`. */
export interface KafkaPlace {
  readonly kind: 'kafka'
  /** Each `HOST:PORT`. */
  readonly brokers: readonly string[]
  readonly location: string
  readonly prefix: string
  /** Of topics that do not exist yet. */
  readonly partitions: number
  readonly replicas: number | undefined
  readonly tls: boolean
  /** Absolute path of the certificate of the authority that signed the brokers' certificates. */
  readonly ca: string | undefined
  readonly sasl: (typeof SASL)[number] | undefined
  /** Absolute path of a JSON file with `username` and `password`, or `token`; otherwise from the environment. */
  readonly credentials: string | undefined
  /** Events and position in transactions. */
  readonly exactlyOnce: boolean
  /** The address of the registry of Avro schemas; undefined: events are JSON. */
  readonly registry: string | undefined
}

/** An endpoint that takes CloudEvents. */
export interface HttpPlace {
  readonly kind: 'http'
  readonly url: string
  readonly location: string
  /** Requests at the same time. */
  readonly inFlight: number
  /** Events per request. */
  readonly events: number
}

const STDOUT = '-'

/** The sinks of retail.yaml; relative paths in it start from its folder. */
interface Named {
  sinks?: Sinks | undefined
  workspace?: string
  /** Options of a Kafka address that are flags, too; they win. */
  kafka?: Readonly<Record<string, string>>
}

/**
 * The kinds of faults that a destination cannot carry: a typed column, or a field of Avro, takes no malformed value, and no new
 * form; a registered schema of Avro has no versions; and a CloudEvent embeds its data as JSON.
 */
export const cannotCarry = (where: Where): readonly FaultKind[] =>
  where.kind === 'postgres' || isAvro(where)
    ? ['malformed', 'drift', ...(isAvro(where) ? VERSIONED : [])]
    : where.kind === 'http'
      ? ['malformed']
      : []

export const isAvro = (where: Where): boolean => where.kind === 'kafka' && where.registry !== undefined

/**
 * The name of a sink, or an address: `-`, `ndjson:DIR`, …. Options follow as in an address: `ndjson:events?size=8MB&age=1m`. `base`: the folder that
 * relative paths start from. Throws `bad_flag` with the list of forms for anything else.
 */
export function parseWhere(
  text: string,
  base: string,
  { sinks = {}, workspace = base, kafka = {} }: Named = {},
): Where {
  const where = Object.hasOwn(sinks, text)
    ? placeOf(addressOf(sinks[text]), workspace, { kafka })
    : placeOf(text, base, { sinks, kafka })
  if (where.kind !== 'kafka') for (const option of Object.keys(kafka)) throw onlyKafka(text, option)
  return where
}

function placeOf(text: string, base: string, { sinks = {}, kafka = {} }: Pick<Named, 'sinks' | 'kafka'>): Where {
  if (text === STDOUT) return { kind: 'stdout' }
  const [, scheme] = /^([a-z][a-z+.-]*):/i.exec(text) ?? []
  switch (scheme?.toLowerCase()) {
    case 'ndjson':
      return ndjsonPlace(text, base)
    case 'kafka':
      return kafkaPlace(withOptions(text, kafka), base)
    case 'http':
    case 'https':
      return httpPlace(text)
    case 'postgres':
    case 'postgresql':
      return postgresPlace(text)
    default:
      throw unknownWhere(text, scheme, Object.keys(sinks))
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

const KAFKA_PORT = 9092
const MOST_PORT = 65_535

function kafkaPlace(text: string, base: string): KafkaPlace {
  const file = (value: string) => ({ value: path.resolve(base, value) })
  const [place, options] = optionsOf(text, {
    ...{ prefix: topicOption, partitions: countOption, replicas: countOption, tls: yesOption, exactly_once: yesOption },
    ...{ ca: file, sasl: choiceOption(SASL), credentials: file },
    ...{ format: choiceOption(KAFKA_FORMATS), registry: registryOption },
  })
  if (!/^kafka:\/\//i.test(place)) throw badWhere(text, 'it is not an address', 'kafka')
  const brokers = place
    .slice('kafka://'.length)
    .replace(/\/$/, '')
    .split(',')
    .map((broker) => (/:\d+$/.test(broker) ? broker : `${broker}:${KAFKA_PORT}`))
  for (const broker of brokers)
    if (!/^(\[[\da-f:]+\]|[\w.-]+):\d{1,5}$/i.test(broker) || Number(/\d+$/.exec(broker)) > MOST_PORT)
      throw badWhere(text, `${withoutSecrets(broker)} is not HOST:PORT`, 'kafka')
  const avro = options.format?.value === 'avro'
  if (avro && !options.registry)
    throw badWhere(text, 'Avro needs a schema registry: add registry=http://HOST:8081', undefined)
  const prefix = options.prefix?.value ?? 'retail'
  return {
    kind: 'kafka',
    brokers,
    location: `kafka://${brokers.join(',')}${options.prefix ? `?prefix=${prefix}` : ''}`,
    prefix,
    partitions: options.partitions ?? 6,
    replicas: options.replicas,
    // Google's brokers take nothing else.
    tls: options.tls?.value ?? (options.ca !== undefined || options.sasl?.value === 'google'),
    ca: options.ca?.value,
    sasl: options.sasl?.value,
    credentials: options.credentials?.value,
    exactlyOnce: options.exactly_once?.value ?? false,
    registry: avro ? options.registry?.url : undefined,
  }
}

function httpPlace(text: string): HttpPlace {
  // What follows the address belongs to the endpoint, except for what is ours.
  const own = { in_flight: countOption, batch: countOption }
  const at = text.indexOf('?')
  const given = [...new URLSearchParams(at < 0 ? '' : text.slice(at + 1))]
  const ours = new URLSearchParams(given.filter(([name]) => Object.hasOwn(own, name)))
  const [, options] = optionsOf(text, own, ours)
  const url = urlOf(text, at < 0 ? text : text.slice(0, at), 'http')
  for (const [name, value] of given) if (!Object.hasOwn(own, name)) url.searchParams.append(name, value)
  if (url.username !== '') throw badWhere(text, 'it names a user', 'https')
  return {
    kind: 'http',
    url: url.href,
    location: `${url.origin}${url.pathname}`,
    inFlight: options.in_flight ?? 4,
    events: options.batch ?? 500,
  }
}

function postgresPlace(text: string): PostgresPlace {
  const same = (value: string) => ({ value })
  const passed = {
    host: same,
    port: same,
    user: same,
    dbname: same,
    sslmode: sslModeOption,
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
