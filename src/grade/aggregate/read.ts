import { RetailError } from '../../errors.ts'
import { formatCount } from '../../numbers.ts'
import type { Relation } from '../../ports/index.ts'
import type { Second } from '../../time.ts'
import { whereClause } from '../columns.ts'
import { keyOf } from './axes.ts'
import { bucketOf, startOf } from './buckets.ts'
import type { AggregatePlan, Texts } from './columns.ts'
import type { FoundGroups } from './compare.ts'

const SAMPLE_ROWS = 1_000
/** Groups that fit the memory of a laptop. */
export const GROUPS_MOST = 2_000_000
const STRANGE_SHOWN = 1_000

type Chunks = AsyncIterable<readonly (readonly unknown[])[]>

const rowsOf = ({ columns, dialect, from, query }: Relation, where: string | undefined, end = ''): Chunks =>
  query(
    `SELECT ${columns.map(({ name }, i) => `${dialect.text(dialect.column(name))} AS c${i}`).join(', ')} FROM ${from}${whereClause(where)}${end}`,
  )

export async function sampleTexts(relation: Relation, where: string | undefined): Promise<Texts> {
  const texts = new Map<string, string[]>(relation.columns.map(({ name }) => [name, []]))
  for await (const chunk of rowsOf(relation, where, ` LIMIT ${SAMPLE_ROWS}`))
    relation.columns.forEach(({ name }, i) => {
      for (const text of chunk[i] as (string | null)[]) if (text !== null) texts.get(name)!.push(text)
    })
  return (name) => texts.get(name) ?? []
}

/** Reads all groups. `measures`: the columns to keep, by their names. */
export async function readGroups(
  relation: Relation,
  { axes }: AggregatePlan,
  measures: readonly { theirs: { name: string }; cents: boolean }[],
  { from, until, where }: { from: Second; until: Second; where: string | undefined },
): Promise<FoundGroups> {
  const found: FoundGroups = { rows: 0, groups: new Map(), beside: 0, strange: [], strangeRows: 0 }
  const at = (name: string) => relation.columns.findIndex((column) => column.name === name)
  const all = axes.map(({ axis }) => axis)
  for await (const chunk of rowsOf(relation, where))
    for (let row = 0; row < chunk[0].length; row++) {
      found.rows++
      const texts = axes.map(({ column }) => chunk[at(column.theirs.name)][row] as string | null)
      const read = axes.map((of, i) => (texts[i] === null ? undefined : of.read(texts[i])))
      const unknown = read.indexOf(undefined)
      if (unknown >= 0) {
        found.strangeRows++
        const isKey = texts[unknown] !== null && all[unknown].name !== 'time'
        if (found.strange.length < STRANGE_SHOWN)
          found.strange.push({ name: texts.map((text) => text ?? 'NULL').join(' · '), isKey })
        continue
      }
      const values = (read as number[]).map((value, i) => (all[i].bucket ? bucketOf(all[i].bucket, value) : value))
      const [{ bucket = undefined } = {}] = all
      if (bucket && (startOf(bucket, values[0] + 1) <= from || startOf(bucket, values[0]) >= until)) {
        found.beside++
        continue
      }
      const key = keyOf(all, values)
      const known = found.groups.get(key)
      if (known) {
        known.copies++
        continue
      }
      const cells = measures.map(({ theirs }) => chunk[at(theirs.name)][row] as string | null)
      const sums = cells.map((text, i) => numberOf(text) * (measures[i].cents ? 100 : 1))
      found.groups.set(key, { sums, texts: cells, copies: 1 })
      if (found.groups.size > GROUPS_MOST)
        throw new RetailError('missing', `${relation.name} has more than ${formatCount(GROUPS_MOST)} groups`, {
          why: 'all of them are held in memory',
          hint: 'compare a part of it with --where, or fewer columns with --query "SELECT …, sum(…) … GROUP BY …"',
        })
    }
  return found
}

/** A number may have spaces around it; NaN: none. */
const numberOf = (text: string | null): number => (text === null || text.trim() === '' ? Number.NaN : Number(text))
