import type { Config, GcpConfig } from '../../config/schema.ts'
import { parseDay, parseDuration } from '../../time.ts'
import { estimate, rowsOfDay, shapeOf } from '../estimate.ts'
import { SAVE_SECONDS } from '../live/event-publisher.ts'
import { type Price, priceList, prices } from './prices.ts'

export interface CostItem {
  what: string
  quantity: number
  unit: string
  usd: number
}

export interface Cost {
  currency: 'USD'
  /** of one month, all of history there and a stream every day */
  monthly: number
  items: CostItem[]
  assumptions: string[]
  prices: { date: string; source: string }
}

/** Bytes of a row as BigQuery counts them: text is its length + 2, INTEGER and TIMESTAMP are 8, NUMERIC is 16. */
const ROW_BYTES = { transactions: 21 + 8 + 8 + 8 + 16 + 7, inventories: 21 + 8 + 8 + 8 + 7 }
/** The columns of an extended world: basket_id; movement_type and reference_id. */
const EXTENDED_BYTES = { transactions: 21, inventories: 9 + 21 }
/** JSON of about 180 bytes, attributes id, table and world of about 70, and 20 that Pub/Sub counts for the timestamp. */
export const MESSAGE_BYTES = 270
/** A part of each table. */
export const OBJECTS_PER_BLOCK_AND_MONTH = 2
export const DAYS = 30.4
const MART_SHARE = 0.1
const TRANSFORMS_A_DAY = 24
const DAYS_TOUCHED = 2
const VERIFIES_A_MONTH = 4
const MART_READS_A_DAY = 200

/** What a month costs, from the config's volumes; a guess with its assumptions, no offer. `speed`: of the stream, 1 is real time. */
export function monthlyCost(config: Config, gcp: GcpConfig, blocks: number, speed = 1): Cost {
  const { schema } = config.world
  const [from, to] = [parseDay(config.history.from)!, parseDay(config.history.to)!]
  const days = to - from + 1
  const shape = shapeOf(config)
  const history = estimate(shape, { from, to })
  const { transactions: linesADay, inventories: movementsADay } = rowsOfDay(shape)
  const bytesOf = (lines: number, movements: number) =>
    lines * rowBytes('transactions', schema) + movements * rowBytes('inventories', schema)

  const streamHours = Math.min(24, parseDuration(gcp.stream_stop_after)! / 3_600_000)
  const daysStreamed = (streamHours / 24) * DAYS * speed
  const eventsAMonth = (linesADay + movementsADay) * daysStreamed
  const liveBytes = bytesOf(linesADay, movementsADay) * daysStreamed
  const raw = bytesOf(history.lines, history.movements) + liveBytes
  const [staging, marts] = [raw, raw * MART_SHARE]
  const dayBytes = raw / (days + DAYS * speed)

  const bytesRead =
    TRANSFORMS_A_DAY * DAYS * DAYS_TOUCHED * dayBytes * 2 +
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
      `history ${config.history.from} to ${config.history.to}: ${millions(history.lines)} lines and ${millions(history.movements)} movements, loaded once (loads are free)`,
      `a stream of ${streamHours} h every day ${speed === 1 ? 'in real time' : `at ${Math.round(speed * 100) / 100} times real time`} (gcp.stream_stop_after): ${millions(eventsAMonth)} events a month of ${MESSAGE_BYTES} bytes, its position written every ${SAVE_SECONDS} s`,
      `staging as large as raw, marts a tenth of it; nothing older than 90 days, which would be half the price`,
      `a transform every hour that reads and merges ${DAYS_TOUCHED} days, a verify a week that reads everything, ${MART_READS_A_DAY} looks at a day of the marts every day`,
      'not in it: options of infra.tfvars, traffic out of Google Cloud, logs, taxes',
    ],
    prices: priceList,
  }
}

/** What BigQuery counts for a row. */
export const rowBytes = (table: keyof typeof ROW_BYTES, schema: 'strict' | 'extended') =>
  ROW_BYTES[table] + (schema === 'extended' ? EXTENDED_BYTES[table] : 0)

export function item({ what, unit, size, usd, free }: Price, amount: number): CostItem {
  const quantity = amount / size
  return { what, unit, quantity: round(quantity, 3), usd: round(Math.max(0, quantity - free) * usd) }
}

const round = (n: number, digits = 2) => Math.round(n * 10 ** digits) / 10 ** digits
const millions = (n: number) => (n < 100_000 ? `${Math.round(n)}` : `${(n / 1_000_000).toFixed(1)} M`)
