import { formatCount } from '../../numbers.ts'
import { LISTED } from '../report.ts'
import type { CellDifference, DifferenceKind, GradeDifference } from '../result.ts'
import { type Axis, valuesOf, valueText } from './axes.ts'
import { MEASURES, type MeasureName, type Totals } from './truth.ts'

/** Groups as they were found; a sum that cannot be read is NaN. */
export interface FoundGroups {
  rows: number
  /** The sums of a group, and how often it is there. */
  groups: Map<number, { sums: number[]; texts: (string | null)[]; copies: number }>
  /** Groups of this world that lie outside of the period. */
  beside: number
  /** Rows whose group this world lacks, and whether for a key. */
  strange: { name: string; isKey: boolean }[]
  strangeRows: number
}

/** A sum that is wrong. */
export interface WrongSum {
  key: number
  expected: number
  found: number
}

export interface ComparedGroups {
  counts: Record<DifferenceKind, number>
  changed: Record<string, number>
  differences: GradeDifference[]
  wrong: Map<MeasureName, WrongSum[]>
  missing: number[]
  unexpected: number[]
}

/** Money as a float has more digits than it can hold. */
export const isEqual = (measure: MeasureName, expected: number, found: number): boolean =>
  measure === 'revenue'
    ? Math.abs(found - expected) <= Math.max(0.02, Math.min(0.4, Math.abs(expected) * 1e-9))
    : found === expected

export const shownSum = (measure: MeasureName, sum: number): string =>
  measure === 'revenue' ? (sum / 100).toFixed(2) : String(sum)

/** Compares each group with the truth. */
export function compareGroups(
  { groups: truth }: Pick<Totals, 'groups'>,
  found: FoundGroups,
  { axes, measures }: { axes: readonly Axis[]; measures: readonly MeasureName[] },
): ComparedGroups {
  const result: ComparedGroups = {
    counts: { missing: 0, doubled: 0, changed: 0, unexpected: found.strangeRows, dirty: 0 },
    ...{ changed: {}, differences: [], wrong: new Map(), missing: [], unexpected: [] },
  }
  const { counts, changed, wrong, missing, unexpected } = result
  const listed: Record<string, number> = {}
  const list = (difference: Omit<GradeDifference, 'table'>) => {
    listed[difference.kind] = (listed[difference.kind] ?? 0) + 1
    if (listed[difference.kind] <= LISTED) result.differences.push({ table: 'transactions', ...difference })
  }
  const nameOf = (key: number) => groupName(axes, key)
  for (const [key, sums] of [...truth].sort(([a], [b]) => a - b)) {
    const row = found.groups.get(key)
    if (!row) {
      missing.push(key)
      counts.missing++
      list({ kind: 'missing', id: nameOf(key), why: `it has ${formatCount(sums[0])} lines` })
      continue
    }
    const cells: CellDifference[] = []
    for (const [i, measure] of measures.entries()) {
      const expected = sums[MEASURES.indexOf(measure)]
      if (isEqual(measure, expected, row.sums[i])) continue
      cells.push({ column: measure, expected: shownSum(measure, expected), found: row.texts[i] })
      changed[measure] = (changed[measure] ?? 0) + 1
      const known = wrong.get(measure)
      if (known) known.push({ key, expected, found: row.sums[i] })
      else wrong.set(measure, [{ key, expected, found: row.sums[i] }])
    }
    if (row.copies > 1) {
      counts.doubled += row.copies - 1
      list({ kind: 'doubled', id: nameOf(key), copies: row.copies, ...(cells.length > 0 && { cells }) })
    } else if (cells.length > 0) {
      counts.changed++
      list({ kind: 'changed', id: nameOf(key), cells })
    }
  }
  for (const [key, { sums, copies }] of found.groups) {
    // A calendar fills days without sales with zeros.
    if (truth.has(key) || sums.every((sum) => sum === 0)) continue
    unexpected.push(key)
    counts.unexpected += copies
    list({ kind: 'unexpected', id: nameOf(key), why: 'nothing was sold there' })
  }
  for (const { name, isKey } of found.strange)
    list({ kind: 'unexpected', id: name, why: isKey ? 'this world has no such member' : 'it names no group' })
  return result
}

export const groupName = (axes: readonly Axis[], key: number): string =>
  axes.length === 0
    ? 'all'
    : valuesOf(axes, key)
        .map((value, i) => valueText(axes[i], value))
        .join(' · ')
