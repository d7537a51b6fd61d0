import type { BigQuery, TableMetadata } from '@google-cloud/bigquery'
import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { BuiltModel, Cut, OwnRelation } from '../../ports/index.ts'
import { publishedInstant } from '../../tables/published.ts'
import type { BigQueryTables } from './bigquery-tables.ts'
import type { Cloud } from './clients.ts'
import { type BuiltTable, pinnedView, publishScript } from './publish-script.ts'
import { type Jobs, newJobId } from './query-jobs.ts'
import { explainCloudError, isNotFound, isTransient, retrySite, within } from './retry.ts'

const CALL_MS = 60_000
const PATIENCE_MS = 5 * 60_000

/** The row of `marts.published`. */
interface PublishedRow extends Cut {
  job: string
}

export interface MartsPublisher {
  /** The instant of the marts; undefined before the first publish. */
  read(): Promise<Cut | undefined>
  /** Throws `missing` if the datasets lack something that Terraform creates. */
  check(): Promise<void>
  /** Removes what the user's project no longer makes, from what readers see too unless it will be built again. */
  drop(relations: readonly OwnRelation[], of: 'build' | 'all'): Promise<void>
  /** Makes the build dataset hold the marts that readers see. A transform that was stopped leaves others there. */
  restore(): Promise<void>
  /**
   * Makes these models, as they are in the build dataset, and the instant visible in one step. `days`: they differ from
   * the published ones in these days only. `until`: the end of the right to build, in milliseconds since 1970.
   */
  publish(models: readonly BuiltModel[], cut: Cut, days: readonly string[] | undefined, until: number): Promise<void>
}

export function martsPublisher(
  bigquery: BigQuery,
  { gcp, names }: Cloud,
  tables: BigQueryTables,
  jobs: Jobs,
): MartsPublisher {
  const site = retrySite('BigQuery', { patienceMs: PATIENCE_MS })
  const [build, marts] = [`${gcp.project}.${names.datasets.build}`, `${gcp.project}.${names.datasets.marts}`]
  const doing = `publishing ${marts}`

  async function call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await site.run(() => within(CALL_MS, doing, work()), isTransient)
    } catch (error) {
      throw explainCloudError(error, doing)
    }
  }

  /** Listing rows is free, and needs no right to run jobs. */
  async function readRow(): Promise<PublishedRow | undefined> {
    const table = bigquery.dataset(names.datasets.marts).table(publishedInstant.name)
    const list = () => within(CALL_MS, doing, table.getRows({ maxResults: 1, autoPaginate: false }))
    try {
      const [[row]] = await site.run(list, isTransient)
      return row && { history: Number(row.history), live: Number(row.live), job: String(row.job) }
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw explainCloudError(error, `reading ${marts}.${publishedInstant.name}`)
    }
  }

  async function check(): Promise<void> {
    if (await tables.inspect('marts', publishedInstant.name)) return
    throw new RetailError('missing', `the table ${marts}.${publishedInstant.name} does not exist`, {
      hint: advise`${retail('infra', 'apply')}`,
    })
  }

  /** Everything that a transaction cannot do: it allows no statement that creates or changes a table. */
  async function prepare(
    { name, sql, own }: BuiltModel,
    days: readonly string[] | undefined,
  ): Promise<BuiltTable | undefined> {
    const [built, public_] = await Promise.all([tables.inspect('build', name), tables.inspect('marts', name)])
    // A model of staging.
    if (!built) return undefined
    if (built.type === 'VIEW') {
      if (own) throw viewOfUser(name)
      await showPinned(name, pinnedView(marts, sql), public_)
      return undefined
    }
    const dataset = bigquery.dataset(names.datasets.marts)
    // A table of the user may have become another one; its readers then see it empty until the publish.
    const isAnother = own && public_ !== undefined && columnsOf(public_) !== columnsOf(built)
    if (isAnother) await call(() => dataset.table(name).delete({ ignoreNotFound: true }))
    if (!public_ || isAnother) await call(() => unlessThere(dataset.createTable(name, like(built))))
    else if (lacksColumn(public_, built))
      await call(() => dataset.table(name).setMetadata({ schema: { fields: withColumns(public_, built) } }))
    // What changed in the tables of the user, nobody says.
    const { type, field } = built.timePartitioning ?? {}
    const column = public_ && !own && (type === 'DAY' || type === 'MONTH') ? field : undefined
    return {
      name,
      columns: fieldsOf(built).map((field) => String(field.name)),
      periods: column && days ? { column, are: type === 'DAY' ? days : monthsOf(days) } : undefined,
    }
  }

  /** A view shows what it did before until the publish, because the instant pins it. */
  async function showPinned(name: string, query: string, public_: TableMetadata | undefined): Promise<void> {
    if (public_?.view?.query?.trim() === query) return
    const table = bigquery.dataset(names.datasets.marts).table(name)
    // Earlier versions of retail made a materialized view.
    if (public_ && public_.type !== 'VIEW') await call(() => table.delete({ ignoreNotFound: true }))
    await jobs.query({ query: `create or replace view \`${marts}.${name}\` as\n${query}` }).catch((error) => {
      throw explainCloudError(error, doing)
    })
  }

  return {
    async read() {
      const row = await readRow()
      return row && { history: row.history, live: row.live }
    },
    check,
    async restore() {
      const [found] = await call(() => bigquery.dataset(names.datasets.marts).getTables())
      for (const { id, metadata } of found) {
        if (metadata.type !== 'TABLE' || id === undefined || id === publishedInstant.name) continue
        const [from, to] = [names.datasets.marts, names.datasets.build].map((dataset) => ({ dataset, table: id }))
        await call(() => jobs.copy(from, to))
      }
    },
    async drop(relations, of) {
      for (const { schema, name } of relations) {
        const inMarts = schema === names.datasets.build && of === 'all'
        for (const dataset of [schema, ...(inMarts ? [names.datasets.marts] : [])])
          await call(() => bigquery.dataset(dataset).table(name).delete({ ignoreNotFound: true }))
      }
    },
    async publish(models, cut, days, until) {
      const built: BuiltTable[] = []
      for (const model of [...models].sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const table = await prepare(model, days)
        if (table) built.push(table)
      }
      if (built.length === 0) return
      const job = newJobId()
      const query = publishScript({ build, marts, tables: built, cut, job, until })
      try {
        await jobs.query({ query, jobId: job })
      } catch (error) {
        // The response may be lost although the transaction was committed: then the row names this job.
        const row = await readRow().catch(() => undefined)
        if (row?.job !== job) throw explainCloudError(error, doing)
      }
    },
  }
}

const viewOfUser = (name: string): RetailError =>
  new RetailError('bad_config', `the model ${name} is a view of the marts`, {
    why: 'the marts change in one step, and a view would name the tables of the build',
    hint: "make it a table with {{ config(materialized='table') }}, or a view elsewhere with schema='staging'",
  })

/** The first days of the months of these days. */
const monthsOf = (days: readonly string[]): string[] => [...new Set(days.map((day) => `${day.slice(0, 8)}01`))]

/** Names and types. */
const columnsOf = ({ schema }: TableMetadata): string =>
  JSON.stringify(
    ((schema as { fields?: { name: string; type: string }[] })?.fields ?? []).map(({ name, type }) => [name, type]),
  )

const fieldsOf = ({ schema }: TableMetadata): { name?: string }[] => (schema as { fields?: object[] })?.fields ?? []
const lacksColumn = (has: TableMetadata, wants: TableMetadata): boolean =>
  withColumns(has, wants).length > fieldsOf(has).length
const withColumns = (has: TableMetadata, wants: TableMetadata) => {
  const known = fieldsOf(has).map(({ name }) => name)
  return [...fieldsOf(has), ...fieldsOf(wants).filter(({ name }) => !known.includes(name))]
}
const like = ({ schema, timePartitioning, clustering }: TableMetadata): TableMetadata => ({
  schema,
  ...(timePartitioning && { timePartitioning }),
  ...(clustering && { clustering }),
})

/** An earlier attempt, whose response was lost, may have created it. */
const unlessThere = async (work: Promise<unknown>): Promise<void> => {
  await work.catch((error) => {
    if (Number((error as { code?: number }).code) !== 409) throw error
  })
}
