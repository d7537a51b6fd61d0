import { gcpSection } from '../../config/gcp.ts'
import type { Config } from '../../config/schema.ts'
import { RetailError } from '../../errors.ts'
import type { Relation, RelationColumn, ValueFamily } from '../../ports/index.ts'
import { bigqueryRelationDialect as dialect } from './bigquery-relation-dialect.ts'
import { cloudIn, openBigQuery } from './clients.ts'
import { jobsOf } from './query-jobs.ts'
import { callErrorOf, explainCloudError, isTransient, retrySite, within } from './retry.ts'

const CALL_MS = 60_000
const PATIENCE_MS = 5 * 60_000

/** By the name of a type in a table's schema, which differs from the one in SQL. */
const FAMILIES: Readonly<Record<string, ValueFamily>> = {
  ...{ STRING: 'text', INTEGER: 'integer', INT64: 'integer', FLOAT: 'real', FLOAT64: 'real' },
  ...{ NUMERIC: 'decimal', BIGNUMERIC: 'decimal', TIMESTAMP: 'instant', DATETIME: 'instant', DATE: 'date' },
}

/** Where queries run, and as whom: the workspace's project, if it has one. */
type Place = Pick<Config, 'workspace' | 'gcp'>

/**
 * A table or view of BigQuery: `bigquery:PROJECT.DATASET.TABLE`. Each query has the limit on cost and the identity of the
 * workspace. Nothing is kept there, so each query reads the table again.
 */
export async function openBigQueryTable(given: string, place: Place): Promise<Relation> {
  const [, project, dataset, table] = /^bigquery:([a-z][a-z0-9-]{4,28}[a-z0-9])\.(\w+)\.([\w-]+)$/.exec(given) ?? []
  if (table === undefined)
    throw new RetailError('bad_flag', `${given} names no table of BigQuery`, {
      why: 'the form is bigquery:PROJECT.DATASET.TABLE',
      hint: 'add project, dataset, and table: bigquery:my-project.shop.sales',
    })
  // A bucket is a part of the section, and none is used here.
  const gcp = place.gcp ?? gcpSection.parse({ project, bucket: 'unused' })
  const cloud = cloudIn(place.workspace, gcp)
  const bigquery = await openBigQuery(cloud)
  const stop = new AbortController()
  const explained = (error: unknown) =>
    callErrorOf(error).code === 404
      ? new RetailError('missing', `${given} does not exist`, {
          why: callErrorOf(error).message.split('\n')[0],
          hint: 'check project, dataset, and table',
          cause: error,
        })
      : explainCloudError(error, `reading ${given}`)
  let about: TableAbout
  try {
    const found = bigquery.dataset(dataset, { projectId: project }).table(table)
    const site = retrySite('BigQuery', { patienceMs: PATIENCE_MS })
    about = (
      await site.run(() => within(CALL_MS, `reading ${given}`, found.getMetadata()), isTransient)
    )[0] as TableAbout
  } catch (error) {
    throw explained(error)
  }
  const jobs = jobsOf(bigquery, { gcp: { ...gcp, location: about.location ?? gcp.location } })
  return {
    name: given,
    from: `\`${project}.${dataset}.${table}\``,
    columns: (about.schema?.fields ?? []).map(
      ({ name, type, mode }): RelationColumn => ({
        name,
        type,
        family: mode === 'REPEATED' ? 'other' : (FAMILIES[type] ?? 'other'),
      }),
    ),
    dialect,
    async *query(sql) {
      try {
        const { pages } = await jobs.query({ query: sql, signal: stop.signal })
        for await (const rows of pages()) {
          stop.signal.throwIfAborted()
          if (rows.length > 0) yield Object.keys(rows[0]).map((name) => rows.map((row) => plain(row[name])))
        }
      } catch (error) {
        throw explained(error)
      }
    },
    keep: async (name, sql) => `(${sql}) AS ${name}`,
    stop: () => stop.abort(),
    unreadable: async () => 0,
    without: async () => [],
    async [Symbol.asyncDispose]() {},
  }
}

interface TableAbout {
  schema?: { fields?: { name: string; type: string; mode?: string }[] }
  location?: string
}

/** All integers here fit a number. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { type, value: text } = value as { type?: string; value?: string }
  return type === 'BigQueryInt' ? Number(text) : (text ?? String(value))
}
