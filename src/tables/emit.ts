import { deadLetter } from './dead-letter.ts'
import { dimensions, facts } from './index.ts'
import { publishedInstant } from './published.ts'
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

const POSTGRES: Record<ColumnType, string> = {
  string: 'text',
  int: 'integer',
  money: 'numeric(10,2)',
  timestamp: 'timestamptz',
}

/** Types that readers such as Spark and fastavro turn into decimals and instants. */
const AVRO: Record<ColumnType, object | string> = {
  string: 'string',
  int: 'int',
  money: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 },
  timestamp: { type: 'long', logicalType: 'timestamp-millis' },
}

/** A string literal in SQL. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** `CREATE TABLE` for DuckDB, for readers who load the lake into tables of their own. */
export function duckdbDdl(table: Table, schema: WorldSchema): string {
  const columns = columnsOf(table, schema).map(
    ([name, { type, optional }]) => `  "${name}" ${DUCKDB[type]}${optional ? '' : ' NOT NULL'}`,
  )
  return `CREATE TABLE ${table.name} (\n${columns.join(',\n')}\n)`
}

/**
 * The same for PostgreSQL, in a schema of its own, with the descriptions as comments. `partitionBy`: the column whose
 * ranges have partitions of their own.
 */
export function postgresDdl(table: Table, schema: WorldSchema, namespace: string, partitionBy?: string): string {
  const name = `${namespace}.${table.name}`
  const columns = columnsOf(table, schema)
  const about = columns.map(([column, { about }]) => `COMMENT ON COLUMN ${name}."${column}" IS ${quote(about)}`)
  return [
    `CREATE TABLE ${name} (\n${columns.map(([column, { type, optional }]) => `  "${column}" ${POSTGRES[type]}${optional ? '' : ' NOT NULL'}`).join(',\n')}\n)${partitionBy === undefined ? '' : ` PARTITION BY RANGE ("${partitionBy}")`}`,
    `COMMENT ON TABLE ${name} IS ${quote(table.about)}`,
    ...about,
  ].join(';\n')
}

/** A relation with the right columns and no rows: a raw view before its first file exists. */
export function emptyRelation(table: Table, schema: WorldSchema): string {
  const columns = columnsOf(table, schema).map(([name, { type }]) => `CAST(NULL AS ${DUCKDB[type]}) AS "${name}"`)
  return `SELECT ${columns.join(', ')} WHERE false`
}

/** The Avro schema of a row: a record. */
export const avroSchema = (table: Table, schema: WorldSchema) => ({
  type: 'record' as const,
  name: table.name,
  namespace: 'retail',
  doc: table.about,
  fields: columnsOf(table, schema).map(([name, { type, about, optional }]) => ({
    name,
    type: optional ? ['null', AVRO[type]] : AVRO[type],
    doc: about,
  })),
})

/** The JSON schema of a BigQuery table, for Terraform and load jobs. */
export function bigquerySchema(table: Table, schema: WorldSchema): string {
  const fields = columnsOf(table, schema).map(([name, { type, about, optional }]) => ({
    name,
    mode: optional ? 'NULLABLE' : 'REQUIRED',
    ...BIGQUERY[type],
    description: about,
  }))
  return `${JSON.stringify(fields, null, 2)}\n`
}

/** The same for messages that could not be read as rows of these tables. */
export const deadLetterSchema = (): string => `${JSON.stringify(deadLetter.fields, null, 2)}\n`

/** The same for the instant of the marts. */
export const publishedSchema = (): string => `${JSON.stringify(publishedInstant.fields, null, 2)}\n`

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

/** `dbt/models/sources.yml`: the raw tables as dbt sources. Tests are on staging, which guarantees one row per id. */
export function dbtSources(): string {
  return `# Generated from src/tables; \`npx vitest run src/tables -u\` regenerates it.
version: 2
sources:
  - name: raw
    description: "Data as delivered, unchanged"
    schema: "{{ env_var('RETAIL_RAW', var('raw_schema', 'raw')) }}"
    tables:
${[...dimensions, ...facts].map(dbtTable).join('\n')}
`
}
