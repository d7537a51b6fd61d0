import type { Cut } from '../../ports/index.ts'

/** A table that dbt has built, with its columns in order. */
export interface BuiltTable {
  name: string
  columns: readonly string[]
  /** The days or months that changed, and the column that the table is partitioned by; undefined to replace all of it. */
  periods?: { column: string; are: readonly string[] } | undefined
}

export interface Publish {
  /** The datasets, as statements name them. */
  build: string
  marts: string
  tables: readonly BuiltTable[]
  cut: Cut
  job: string
  /** Milliseconds since 1970: from then on, another transform may use the build. */
  until: number
}

const name = (...parts: readonly string[]): string => `\`${parts.join('.')}\``

/**
 * One job that replaces tables and the instant of the marts in one transaction: the only way that Google documents as
 * atomic across tables ("Multi-statement transactions"). A query reads what was committed before it started. If a
 * statement fails, or the script ends without its last line, BigQuery undoes all of it. `TRUNCATE TABLE` is free.
 */
export function publishScript({ build, marts, tables, cut, job, until }: Publish): string {
  const statements = tables.flatMap((table) =>
    table.periods ? replacePeriods(build, marts, table, table.periods) : replaceAll(build, marts, table),
  )
  return [
    'begin transaction;',
    // A job may wait in a queue. This reads no table, so it is free.
    `select if(current_timestamp() < timestamp_millis(${until}), 1, error('the build is no longer ours'));`,
    ...statements,
    `truncate table ${name(marts, 'published')};`,
    `insert into ${name(marts, 'published')} (history, live, job) values (${cut.history}, ${cut.live}, '${job}');`,
    'commit transaction;',
    '',
  ].join('\n')
}

function replaceAll(build: string, marts: string, table: BuiltTable): string[] {
  const columns = table.columns.map((column) => name(column)).join(', ')
  return [
    `truncate table ${name(marts, table.name)};`,
    `insert into ${name(marts, table.name)} (${columns}) select ${columns} from ${name(build, table.name)};`,
  ]
}

/**
 * `on false` is the form of MERGE for which Google documents that literals prune, on both sides ("Updating partitioned
 * table data using DML").
 */
function replacePeriods(
  build: string,
  marts: string,
  table: BuiltTable,
  { column, are }: NonNullable<BuiltTable['periods']>,
): string[] {
  if (are.length === 0) return []
  const columns = table.columns.map((each) => name(each)).join(', ')
  const changed = `${name(column)} in (${are.map((period) => `date '${period}'`).join(', ')})`
  return [
    `merge into ${name(marts, table.name)} as old
using (select ${columns} from ${name(build, table.name)} where ${changed}) as new on false
when not matched by source and old.${changed} then delete
when not matched then insert (${columns}) values (${columns});`,
  ]
}

/** The lines of sales up to the instant of the marts: a view whose readers need rights on the marts alone. */
export const pinnedView = (marts: string, query: string): string =>
  `select * from (\n${query.trim()}\n)\nwhere \`timestamp\` < (select timestamp_seconds(live) from ${name(marts, 'published')})`
