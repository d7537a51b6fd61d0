import { facts, keyOf } from '../../tables/index.ts'
import type { Finding, VerifyContext } from './check.ts'
import type { Found } from './sentences.ts'

/** Raw may contain a row more than once; staging may not. */
export async function checkStaging({ reader }: VerifyContext): Promise<Finding> {
  const differences: Found[] = []
  let compared = 0
  for (const fact of facts) {
    const model = `stg_${fact.name}`
    const table = `staging.${model}`
    const [row] = await reader.query(
      `SELECT COUNT(*) AS row_count, COUNT(DISTINCT ${keyOf(fact)}) AS ids FROM ${reader.dialect.relation('staging', model)}`,
    )
    compared += Number(row.row_count)
    if (row.row_count !== row.ids)
      differences.push({
        check: 'staging',
        kind: 'doubled',
        table,
        expected: `${row.ids} rows`,
        found: `${row.row_count} rows`,
        sentence: `${row.row_count} rows have only ${row.ids} ids`,
      })
  }
  return { compared, differences }
}
