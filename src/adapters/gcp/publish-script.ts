import type { Cut } from '../../ports/index.ts'

/** A table that dbt has built, with its columns in order. */
export interface BuiltTable {
  name: string
  columns: readonly string[]
}

export interface Publish {
  /** The datasets, as statements name them. */
  build: string
  marts: string
  tables: readonly BuiltTable[]
  cut: Cut
  job: string
}

const name = (...parts: readonly string[]): string => `\`${parts.join('.')}\``

/**
 * One job that replaces tables and the instant of the marts in one transaction: the only way that Google documents as
 * atomic across tables ("Multi-statement transactions"). A query reads what was committed before it started. If a
 * statement fails, or the script ends without its last line, BigQuery undoes all of it. `TRUNCATE TABLE` is free.
 */
export function publishScript({ build, marts, tables, cut, job }: Publish): string {
  const statements = tables.flatMap((table) => replaceAll(build, marts, table))
  return [
    'begin transaction;',
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

/** The lines of sales up to the instant of the marts: a view whose readers need rights on the marts alone. */
export const pinnedView = (marts: string, query: string): string =>
  `select * from (\n${query.trim()}\n)\nwhere \`timestamp\` < (select timestamp_seconds(live) from ${name(marts, 'published')})`
