import { deadLetter } from './dead-letter.ts'
import { dimensions, facts } from './index.ts'
import { type Column, type ColumnType, columnsOf, type Table, type WorldSchema } from './table.ts'

const DUCKDB: Record<ColumnType, string> = {
  string: 'VARCHAR',
  int: 'INTEGER',
  money: 'DECIMAL(10,2)',
  timestamp: 'TIMESTAMP',
}
const BIGQUERY: Record<ColumnType, object> = {
  string: { type: 'STRING' },
  int: { type: 'INTEGER' },
  money: { type: 'NUMERIC', precision: '10', scale: '2' },
  timestamp: { type: 'TIMESTAMP' },
}

/** A text literal of SQL. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** `CREATE TABLE` of DuckDB, for readers who load the lake into tables of their own. */
export function duckdbDdl(table: Table, schema: WorldSchema): string {
  const columns = columnsOf(table, schema).map(([name, { type }]) => `  "${name}" ${DUCKDB[type]} NOT NULL`)
  return `CREATE TABLE ${table.name} (\n${columns.join(',\n')}\n)`
}

/** A relation of the right columns and no rows: what a raw view is before its first file exists. */
export function emptyRelation(table: Table, schema: WorldSchema): string {
  const columns = columnsOf(table, schema).map(([name, { type }]) => `CAST(NULL AS ${DUCKDB[type]}) AS "${name}"`)
  return `SELECT ${columns.join(', ')} WHERE false`
}

/** The JSON schema of a BigQuery table, as Terraform and load jobs take it. */
export function bigquerySchema(table: Table, schema: WorldSchema): string {
  const fields = columnsOf(table, schema).map(([name, { type, about }]) => ({
    name,
    mode: 'REQUIRED',
    ...BIGQUERY[type],
    description: about,
  }))
  return `${JSON.stringify(fields, null, 2)}\n`
}

/** The same for what could not be read as a row of these tables. */
export const deadLetterSchema = (): string => `${JSON.stringify(deadLetter.fields, null, 2)}\n`

const yamlText = (text: string) => JSON.stringify(text)

const dbtColumn = ([name, { about, extended }]: [string, Column]) =>
  `          - name: ${name}\n            description: ${yamlText(extended ? `${about} (schema: extended)` : about)}`

const dbtTable = (table: Table) =>
  [
    `      - name: ${table.name}`,
    `        description: ${yamlText(table.about)}`,
    '        columns:',
    ...columnsOf(table, 'extended').map(dbtColumn),
  ].join('\n')

/** `dbt/models/sources.yml`: the raw tables as dbt knows them. Staging tests them, where one row per id is promised. */
export function dbtSources(): string {
  return `# Generated from src/tables; \`npx vitest run src/tables -u\` writes it anew.
version: 2
sources:
  - name: raw
    description: "What was delivered, exactly as it was made"
    schema: "{{ env_var('RETAIL_RAW', var('raw_schema', 'raw')) }}"
    tables:
${[...dimensions, ...facts].map(dbtTable).join('\n')}
`
}
