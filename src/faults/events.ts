import type { Drift, Malformation } from '../config/fault-kinds.ts'
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

/** One event as it is sent. */
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
  for (const drift of drifts)
    text =
      'add' in drift
        ? `${text.slice(0, -1)},"${drift.add}":"${ADDED[fates.choose('added', key, ADDED.length)]}"}`
        : text.replace(new RegExp(`("${drift.widen}":-?\\d+)(?=[,}])`), '$1.0')
  if (!edit?.malformed) return text
  return spoil(text, malformationOf(fates, key), tables[table], (below) => fates.choose('cut', key, below))
}

/** Keeps the form of the time that it replaces: `2024-01-31T23:59:59Z`, or without letters in CSV. */
function withTime(line: string, time: Second): string {
  const [day, clock] = formatSecond(time).slice(0, -1).split('T')
  return line.replace(/\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d/, (_, between) => `${day}${between}${clock}`)
}

export const driftsOf = (fates: Fates, table: FactName): Drift[] =>
  (fates.profile.drift ?? []).filter((drift) => drift.table === table)
