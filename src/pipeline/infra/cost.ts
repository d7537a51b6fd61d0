import type { Config, GcpConfig } from '../../config/schema.ts'
import { formatCount } from '../../numbers.ts'
import {
  byFact,
  type ColumnOf,
  type ColumnType,
  compile,
  type FactName,
  factColumns,
  facts,
  type Kind,
  sumOfFacts,
  tables,
  type WorldSchema,
} from '../../tables/index.ts'
import { parseDay, parseDuration } from '../../time.ts'
import { estimate, rowsOfDay, shapeOf } from '../estimate.ts'
import { SAVE_SECONDS } from '../live/event-publisher.ts'
import { type Price, priceList, prices } from './prices.ts'
import { transformBytes } from './transform-bytes.ts'

export interface CostItem {
  what: string
  quantity: number
  unit: string
  usd: number
}

export interface Cost {
  currency: 'USD'
  /** For one month, with the whole history stored and a stream every day. */
  monthly: number
  items: CostItem[]
  assumptions: string[]
  prices: { date: string; source: string }
}

/** Bytes of a value as BigQuery counts them; for text, its length plus 2. */
const VALUE_BYTES: Record<ColumnType, number> = { string: 2, int: 8, money: 16, timestamp: 8 }
/** Characters of a text. */
const LETTERS: { [K in Kind]: (column: ColumnOf<K>) => number } = {
  rowId: () => ID,
  siblingId: () => ID,
  member: ({ references }) => 1 + tables[references].digits,
  optionalMember: ({ references }) => 1 + tables[references].digits,
  spanMember: ({ references }) => 1 + tables[references].digits,
  instant: () => 0,
  whole: () => 0,
  money: () => 0,
  choice: ({ names }) => Math.ceil(names.reduce((sum, { length }) => sum + length, 0) / names.length),
  cause: () => ID,
}
/** T240131-0412-000123 */
const ID = 19
/**
 * JSON of about 180 bytes, the attributes id, table, and world of about 70, and 20 that Pub/Sub counts for the
 * timestamp.
 */
export const MESSAGE_BYTES = 270
/** One part of each fact. */
export const OBJECTS_PER_BLOCK_AND_MONTH = facts.length
export const DAYS = 30.4
const MART_SHARE = 0.1
const TRANSFORMS_A_DAY = 24
const VERIFIES_A_MONTH = 4
const MART_READS_A_DAY = 200

/**
 * The monthly cost for the config's volumes: an estimate with its assumptions, not an offer. `speed`: of the stream, 1
 * is real time.
 */
export function monthlyCost(config: Config, gcp: GcpConfig, blocks: number, speed = 1): Cost {
  const { schema } = config.world
  const { days, history, rowsADay, streamHours, daysStreamed, eventsAMonth } = volumesOf(config, gcp, speed)
  const liveBytes = bytesOfRows(rowsADay, schema) * daysStreamed
  const raw = bytesOfRows(history.rows, schema) + liveBytes
  const [staging, marts] = [raw, raw * MART_SHARE]
  const transformed = transformBytes(config, days)

  const bytesRead =
    TRANSFORMS_A_DAY * DAYS * transformed +
    VERIFIES_A_MONTH * (raw + staging + marts) +
    MART_READS_A_DAY * DAYS * marts * (1 / days)
  const published = eventsAMonth * MESSAGE_BYTES
  const byLoad = gcp.ingest === 'load'
  const parts = (blocks * OBJECTS_PER_BLOCK_AND_MONTH * days) / DAYS
  const positions = (streamHours * 3600 * DAYS) / SAVE_SECONDS

  const items = [
    item(prices.lakeStorage, history.sizeBytes),
    item(prices.lakeWrites, parts + positions),
    item(prices.tableStorage, raw + staging + marts),
    item(prices.queries, bytesRead),
    item(prices.messages, byLoad ? published * 2 : published),
    byLoad ? item(prices.writeApi, liveBytes) : item(prices.messagesToBigquery, published),
    item(prices.retention, published / DAYS),
  ]
  return {
    currency: 'USD',
    monthly: round(items.reduce((sum, { usd }) => sum + usd, 0)),
    items,
    assumptions: [
      `history ${config.history.from} to ${config.history.to}: ${millions(history.rows.transactions)} lines and ${millions(history.rows.inventories)} movements, loaded once (loads are free)`,
      `the stream runs ${streamHours} h a day ${speed === 1 ? 'in real time' : `at ${Math.round(speed * 100) / 100} times real time`} (gcp.stream_stop_after): ${millions(eventsAMonth)} events of ${MESSAGE_BYTES} bytes a month; it saves its position every ${SAVE_SECONDS} s`,
      'staging is as large as raw, and marts are a tenth of that; no data is older than 90 days (older data costs half)',
      `transform runs every hour and reads ${(transformed / 1e9).toFixed(2)} GB: the day that changed, and at least 10 MiB of every table that a statement names; verify reads everything once a week; ${MART_READS_A_DAY} queries a day read one day of the marts`,
      'not included: options in infra.tfvars, egress from Google Cloud, logs, taxes',
    ],
    prices: priceList,
  }
}

function volumesOf(config: Config, gcp: GcpConfig, speed: number) {
  const [from, to] = [parseDay(config.history.from)!, parseDay(config.history.to)!]
  const shape = shapeOf(config)
  const rowsADay = rowsOfDay(shape)
  const streamHours = Math.min(24, parseDuration(gcp.stream_stop_after)! / 3_600_000)
  const daysStreamed = (streamHours / 24) * DAYS * speed
  return {
    ...{ days: to - from + 1, history: estimate(shape, { from, to }) },
    ...{ rowsADay, streamHours, daysStreamed, eventsAMonth: sumOfFacts(rowsADay) * daysStreamed },
  }
}

/** The rows that a verify reads, and the events of a month. */
export function jobVolumes(config: Config, gcp: GcpConfig): { rows: number; eventsAMonth: number } {
  const { history, eventsAMonth } = volumesOf(config, gcp, 1)
  return { rows: sumOfFacts(history.rows) + eventsAMonth, eventsAMonth }
}

/** BigQuery's size of a row. */
export const rowBytes = (table: FactName, schema: WorldSchema): number =>
  factColumns(tables[table], schema).reduce(
    (sum, [, column]) => sum + VALUE_BYTES[column.type] + compile(LETTERS, column),
    0,
  )
/** The same for this many rows of each fact. */
export const bytesOfRows = (rows: Record<FactName, number>, schema: WorldSchema): number =>
  sumOfFacts(byFact((name) => rows[name] * rowBytes(name, schema)))

export function item({ what, unit, size, usd, free }: Price, amount: number): CostItem {
  const quantity = amount / size
  return { what, unit, quantity: round(quantity, 3), usd: round(Math.max(0, quantity - free) * usd) }
}

const round = (n: number, digits = 2) => Math.round(n * 10 ** digits) / 10 ** digits
const millions = (n: number) => (n < 100_000 ? formatCount(n) : `${(n / 1_000_000).toFixed(1)} M`)
