import { VERSIONED } from '../../config/fault-kinds.ts'
import { formatCount as count } from '../../numbers.ts'
import type { GradeVerdict } from '../result.ts'
import { notAsked, verdict } from '../verdict.ts'
import type { Attribution } from './attribution.ts'
import type { FaultyTable } from './verdicts.ts'

/** What a consumer made of corrections and deletions: rows. */
export interface Versions {
  /** The first version is there, although the correction came after it; or because it came after the correction. */
  unapplied: number
  overwritten: number
  /** Both versions are rows. */
  both: number
  /** Rows of events that were deleted: the deletion came after them; or before them. */
  still: number
  back: number
}
export const noVersions = (): Versions => ({ unapplied: 0, overwritten: 0, both: 0, still: 0, back: 0 })

/** `12 corrections not applied` */
export function correctionsIn({ unapplied, overwritten, both }: Versions): string[] {
  return [
    ...(unapplied > 0 ? [`${plural(unapplied, 'correction')} not applied`] : []),
    ...(overwritten > 0
      ? [`${plural(overwritten, 'correction')} overwritten by an older version that came later`]
      : []),
    ...(both > 0 ? [`${plural(both, 'correction')} kept beside the older version`] : []),
  ]
}

/** If deletions are not applied at all, it says nothing that some of them came before their rows. */
export function deletionsIn({ still, back }: Versions): string[] {
  if (still > 0) return [`${plural(still + back, 'deleted row')} still there`]
  return back > 0 ? [`${plural(back, 'deleted row')} back: an older version came after the deletion`] : []
}

const plural = (n: number, what: string) => `${count(n)} ${what}${n === 1 ? '' : 's'}`

/** Whether the operations and versions of events were applied; undefined if they have none. */
export function changesApplied(sides: readonly FaultyTable[]): GradeVerdict | undefined {
  const name = 'changes applied'
  if (!sides.some(({ attribution }) => hasVersions(attribution))) return undefined
  const lines = sides.flatMap((side) => side.lines.filter(({ kind }) => isVersioned(kind)))
  const sent = lines.reduce((sum, line) => sum + line.sent - line.onTheirWay, 0)
  if (sent === 0) return notAsked(name, 'no event was corrected or deleted')
  const all = sides.reduce((sum, { attribution: { values } }) => {
    for (const [what, n] of Object.entries(values.versions) as [keyof Versions, number][]) sum[what] += n
    return sum
  }, noVersions())
  const parts = [...correctionsIn(all), ...deletionsIn(all)]
  if (parts.length > 0)
    return verdict(
      name,
      'fail',
      parts.join(', '),
      lines.flatMap(({ differences }) => differences),
    )
  if (sides.some(({ isSample }) => isSample)) return verdict(name, 'inconclusive', 'the sample has no other')
  return verdict(name, 'pass', `${count(sent)} corrections and deletions are applied`)
}

const isVersioned = (kind: string): boolean => (VERSIONED as readonly string[]).includes(kind)
const hasVersions = ({ expected }: Attribution): boolean => expected.fates.hasVersions
