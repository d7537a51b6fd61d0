import { hostname, userInfo } from 'node:os'
import type { BigQuery } from '@google-cloud/bigquery'
import {
  type Appender,
  type DeadLetter,
  type DeadLetters,
  type LetterFilter,
  type LetterState,
  latestLetters,
  type Row,
} from '../../ports/index.ts'
import { facts } from '../../tables/index.ts'
import { bigqueryDialect } from './bigquery-dialect.ts'
import { bigqueryReader } from './bigquery-reader.ts'
import type { Cloud } from './clients.ts'

/** Columns that identify a letter, in the order in which letters are read. */
const KEY = ['received_at', 'subscription', 'message_id'] as const
const COLUMNS = [
  ...KEY,
  ...(['reason', 'attributes', 'data', 'fact', 'event_id', 'event_time'] as const),
  ...(['state', 'marked_at', 'marked_by', 'note'] as const),
]
/** Timestamps as microseconds, bytes as base64: forms that lose nothing. */
const READ = COLUMNS.map((column) => {
  if (column.endsWith('_at') || column.endsWith('_time')) return `UNIX_MICROS(${column}) AS ${column}`
  if (column === 'data') return 'TO_BASE64(data) AS data'
  return column === 'attributes' ? 'TO_JSON_STRING(attributes) AS attributes' : column
})

/** The table `dead_letter` of the raw dataset. */
export function deadLetterTable(
  bigquery: BigQuery,
  cloud: Cloud,
  openAppender: () => Promise<Appender>,
): Extract<DeadLetters, { can: true }> {
  const { gcp, names, credentials } = cloud
  const dialect = bigqueryDialect(gcp.project, names.datasets)
  const query = (sql: string) => bigqueryReader(bigquery, cloud).query(sql)
  return {
    can: true,
    location: `${gcp.project}.${names.datasets.raw}.dead_letter`,
    self: credentials.impersonate ?? person(),
    openAppender,

    async count() {
      const letters = latestLetters(dialect, [...KEY, 'fact', 'state', 'marked_at'])
      const rows = await query(
        `SELECT state, fact, COUNT(*) AS letters, MIN(UNIX_MICROS(received_at)) AS since FROM ${letters} AS letters GROUP BY state, fact ORDER BY fact, state`,
      )
      return rows.map(({ state, fact, letters, since }) => ({
        state: stateOf(state),
        table: factOf(fact),
        letters: Number(letters),
        since: instantOf(since),
      }))
    },

    async read(filter, limit, after) {
      const letters = latestLetters(dialect, COLUMNS)
      const wanted = [...conditionsOf(filter), ...(after ? [following(after)] : [])]
      const where = wanted.length > 0 ? `WHERE ${wanted.join(' AND ')}` : ''
      const rows = await query(
        `SELECT ${READ.join(', ')} FROM ${letters} AS letters ${where} ORDER BY ${KEY.map((column) => `letters.${column}`).join(', ')} LIMIT ${limit}`,
      )
      return rows.map(letterOf)
    },
  }
}

function conditionsOf({ state, table, ids }: LetterFilter): string[] {
  return [
    ...(state === undefined ? [] : [state === 'open' ? 'state IS NULL' : `state = ${literal(state)}`]),
    ...(table === undefined ? [] : [`fact = ${literal(table)}`]),
    ...(ids === undefined ? [] : [`message_id IN (${ids.map(literal).join(', ')})`]),
  ]
}

function following({ receivedAt, subscription, id }: DeadLetter): string {
  const at = `TIMESTAMP '${receivedAt}'`
  const later = `subscription > ${literal(subscription)} OR (subscription = ${literal(subscription)} AND message_id > ${literal(id)})`
  return `(received_at > ${at} OR (received_at = ${at} AND (${later})))`
}

/** A string of GoogleSQL ("Lexical structure", escape sequences). */
const literal = (text: string): string =>
  `'${text.replace(/[\\'\n\r]/g, (mark) => ({ '\n': '\\n', '\r': '\\r' })[mark] ?? `\\${mark}`)}'`

function letterOf(row: Row): DeadLetter {
  const marked = { by: text(row.marked_by) ?? '', note: text(row.note) }
  return {
    id: String(row.message_id),
    subscription: String(row.subscription),
    table: factOf(row.fact),
    receivedAt: instantOf(row.received_at),
    reason: String(row.reason),
    event: row.event_id === null ? undefined : { id: String(row.event_id), at: instantOf(row.event_time) },
    attributes: JSON.parse(text(row.attributes) ?? '{}') as Record<string, string>,
    data: Buffer.from(text(row.data) ?? '', 'base64'),
    state: stateOf(row.state),
    marked: row.state === null ? undefined : { at: instantOf(row.marked_at), ...marked },
  }
}

const text = (cell: Row[string]): string | undefined => (cell === null ? undefined : String(cell))
const stateOf = (cell: Row[string]): LetterState => (cell === null ? 'open' : (String(cell) as LetterState))
const factOf = (cell: Row[string]) => facts.find(({ name }) => name === cell)?.name

/** `2024-04-01T12:00:00.250Z`, with microseconds if there are any. */
function instantOf(cell: Row[string]): string {
  const micros = Number(cell)
  const rest = micros % 1_000
  const instant = new Date((micros - rest) / 1_000).toISOString()
  return rest === 0 ? instant : instant.replace('Z', `${String(rest).padStart(3, '0')}Z`)
}

/** `jo@laptop`; a user without a name in the system's list of users is known by number. */
function person(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // Such a user has no name here; nothing else can fail.
    return `${process.getuid?.() ?? 'unknown'}@${hostname()}`
  }
}
