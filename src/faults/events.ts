import type { Drift, Malformation, Op } from '../config/fault-kinds.ts'
import { type FactName, tables } from '../tables/index.ts'
import { formatSecond, type Second } from '../time.ts'
import type { Fates } from './fates.ts'
import type { Edit } from './sent-batch.ts'
import { spoil } from './spoil.ts'

/** Text values of a column that a drift adds. */
const ADDED = ['store', 'web', 'phone']

/** The form of a malformed event. */
export function malformationOf(fates: Fates, key: number): Malformation {
  const { kinds } = fates.profile.malformed!
  return kinds[fates.choose('malformation', key, kinds.length)]
}

/** One event as it is sent: a line of JSON, or of CSV if there is no drift. */
export function edited(
  fates: Fates,
  table: FactName,
  line: string,
  drifts: readonly Drift[],
  key: number,
  edit: Pick<Edit, 'malformed' | 'time'> | undefined,
): string | Buffer {
  let text = line
  if (edit?.time !== undefined) text = withTime(text, edit.time)
  for (const drift of drifts) text = drifted(fates, text, drift, key)
  if (!edit?.malformed) return text
  const nameOf = (column: string) =>
    drifts.reduce((name, drift) => ('rename' in drift && drift.rename === name ? drift.to : name), column)
  return spoil(text, malformationOf(fates, key), tables[table], nameOf, (below) => fates.choose('cut', key, below))
}

function drifted(fates: Fates, line: string, drift: Drift, key: number): string {
  if ('add' in drift) return withField(line, drift.add, ADDED[fates.choose('added', key, ADDED.length)])
  if ('widen' in drift) return line.replace(new RegExp(`("${drift.widen}":-?\\d+)(?=[,}])`), '$1.0')
  return line.replace(`"${drift.rename}":`, `"${drift.to}":`)
}

const withField = (line: string, name: string, value: string | number): string =>
  `${line.slice(0, -1)},"${name}":${JSON.stringify(value)}}`

/** A line of JSON, or of CSV, with the operation and version of its event. */
export function versioned(line: string, { op, version }: { op: Op; version: number }, isCsv: boolean): string {
  return isCsv ? `${line},${op},${version}` : withField(withField(line, 'op', op), 'version', version)
}

/** Keeps the form of the time that it replaces: `2024-01-31T23:59:59Z`, or without letters in CSV. */
function withTime(line: string, time: Second): string {
  const [day, clock] = formatSecond(time).slice(0, -1).split('T')
  return line.replace(/\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d/, (_, between) => `${day}${between}${clock}`)
}

/** New names come last: the other drifts know the names that columns have in the world. */
export const driftsOf = (fates: Fates, table: FactName): Drift[] => {
  const drifts = (fates.profile.drift ?? []).filter((drift) => drift.table === table)
  return [...drifts.filter((drift) => !('rename' in drift)), ...drifts.filter((drift) => 'rename' in drift)]
}
