import { formatCount } from '../../numbers.ts'
import type { DifferenceKind, GradeVerdict } from '../result.ts'
import { notAsked, verdict } from '../verdict.ts'
import type { Axis } from './axes.ts'
import type { ComparedGroups, FoundGroups } from './compare.ts'

/** The same lines as those of rows, about groups. */
export function aggregateVerdicts(
  { counts, changed, differences }: ComparedGroups,
  found: FoundGroups,
  axes: readonly Axis[],
): GradeVerdict[] {
  const line = (name: string, kinds: readonly DifferenceKind[], wrong: string, good: string): GradeVerdict => {
    const n = kinds.reduce((sum, kind) => sum + counts[kind], 0)
    if (n > 0)
      return verdict(
        name,
        'fail',
        wrong,
        differences.filter(({ kind }) => kinds.includes(kind)),
      )
    return found.rows === 0 ? notAsked(name, 'there are no groups') : verdict(name, 'pass', good)
  }
  const groups = (n: number) => `${formatCount(n)} ${n === 1 ? 'group' : 'groups'}`
  const columns = Object.entries(changed).map(([name, n]) => `${name} in ${groups(n)}`)
  const values = [
    ...(columns.length > 0 ? [`wrong: ${columns.join(', ')}`] : []),
    ...(counts.unexpected > 0 ? [`${groups(counts.unexpected)} that should not be there`] : []),
  ]
  const isWrong = columns.length > 0
  const unchanged = line('values unchanged', ['changed', 'unexpected'], values.join('; '), 'every sum is right')
  const keys = axes.filter(({ bucket }) => !bucket)
  const strange = found.strange.filter(({ isKey }) => isKey)
  return [
    line('complete', ['missing'], `${groups(counts.missing)} missing`, 'every group is there'),
    line('no duplicates', ['doubled'], `${groups(counts.doubled)} too many`, 'no group is there twice'),
    notAsked('late data kept', 'sums do not show it'),
    notAsked('bad data quarantined', 'sums do not show it'),
    isWrong && unchanged.outcome === 'pass'
      ? { ...unchanged, outcome: 'fail', sentence: values.join('; ') }
      : unchanged,
    keys.length === 0
      ? notAsked('keys known', 'it has no column of keys')
      : strange.length > 0
        ? verdict(
            'keys known',
            'fail',
            `${groups(strange.length)} with a ${keys.map(({ name }) => name).join(' or ')} that this world lacks`,
          )
        : line('keys known', [], '', 'every key exists'),
    notAsked('ledger closes', 'it needs --inventories'),
  ]
}
