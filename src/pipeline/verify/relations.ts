import type { Dialect } from '../../ports/index.ts'
import { byFact, type FactName } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import { instant } from '../../truth/sql.ts'

/** The rows of raw to compare. `end`: BigQuery refuses to read a fact without a condition on the time beside its name. */
export const relationsOf = (
  dialect: Dialect,
  {
    end,
    where,
    only,
  }: { end: Second | undefined; where: Partial<Record<FactName, string>> | undefined; only?: string },
): Record<FactName, string> =>
  byFact((name) => {
    const relation = dialect.relation('raw', name)
    const before = end === undefined ? undefined : `${dialect.column('timestamp')} < ${instant(dialect, end)}`
    const conditions = [before, where?.[name], only].filter((condition) => condition !== undefined)
    return conditions.length === 0 ? relation : `(SELECT * FROM ${relation} WHERE ${conditions.join(' AND ')})`
  })
