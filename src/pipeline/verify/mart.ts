import type { Dialect, Row } from '../../ports/index.ts'
import type { TruthCut } from '../../truth/block-truth.ts'
import type { Finding, VerifyContext } from './check.ts'
import type { Measures } from './measures.ts'
import type { Found } from './sentences.ts'

/** The content of a row: a text that is right or wrong as a whole, or cells that are compared one by one. */
export type Values = string | Record<string, string>

/** A model of dbt/models/marts, and how to compare it with simulated rows. */
export interface Mart {
  model: string
  /** Only extended worlds have it. */
  extended?: true
  /** Columns of the result of `sql` that identify a row. */
  key: readonly string[]
  /** Compared with --quick, too. */
  quick: boolean
  /** The rows of the mart, or their checksums by key. */
  sql: (dialect: Dialect, cut: TruthCut) => string
  /** Shards measured its rows: it is a view over raw. */
  measured?: (measures: Measures) => readonly Row[] | undefined
  values: (row: Row) => Values
  /** The expected values of each key. */
  truth: (context: VerifyContext) => ReadonlyMap<string, Values>
  /** If `sql` returns checksums: the number of rows that they cover, and the rows of the wrong keys that differ. */
  rows?: (context: VerifyContext) => number
  drill?: (context: VerifyContext, wrong: readonly string[]) => Promise<Found[]>
  /** What a key is; default: the id of a row. */
  keyIs?: 'day'
  /** The statement that holds, and what is wrong if it does not. */
  about: string
  failed: string
}

export async function compareMart(mart: Mart, context: VerifyContext): Promise<Finding> {
  const { reader, cut } = context
  const expected = mart.truth(context)
  const differences: Found[] = []
  const seen = new Set<string>()
  const measured = context.measured && mart.measured?.(context.measured)
  for (const row of measured ?? (await reader.query(mart.sql(reader.dialect, cut)))) {
    const key = mart.key.map((column) => row[column]).join(' ')
    differences.push(...compareRow(mart, key, expected.get(key), mart.values(row), seen.has(key)))
    seen.add(key)
  }
  for (const [key, right] of expected) {
    if (!seen.has(key))
      differences.push({
        ...placeOf(mart, key),
        kind: 'missing',
        ...(typeof right === 'string' && { expected: right }),
      })
  }
  const compared = mart.rows?.(context) ?? expected.size
  if (!mart.drill) return { compared, differences }
  const wrong = [...new Set(differences.map(({ id, day }) => String(id ?? day)))]
  return { compared, differences: wrong.length === 0 ? [] : await mart.drill(context, wrong) }
}

function compareRow(mart: Mart, key: string, right: Values | undefined, found: Values, again: boolean): Found[] {
  const at = placeOf(mart, key)
  const text = typeof found === 'string' ? { found } : {}
  if (again) return [{ ...at, kind: 'doubled', ...text }]
  if (right === undefined) return [{ ...at, kind: 'unexpected', ...text }]
  if (typeof right === 'string' || typeof found === 'string')
    return right === found ? [] : [{ ...at, kind: 'changed', expected: String(right), found: String(found) }]
  return Object.entries(right)
    .filter(([column, value]) => found[column] !== value)
    .map(([column, value]) => ({ ...at, kind: 'changed', column, expected: value, found: found[column] }))
}

const placeOf = ({ model, keyIs }: Mart, key: string) => ({
  check: model,
  table: `marts.${model}`,
  ...(keyIs === 'day' ? { day: key } : { id: key }),
})
