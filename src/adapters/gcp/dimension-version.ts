import { createHash } from 'node:crypto'
import { dimensions } from '../../tables/index.ts'
import type { BigQueryTables } from './bigquery-tables.ts'

/** A label on a table of the build dataset: the version of raw from which all tables of dimensions were built. */
const TABLE = 'dim_product'
const LABEL = 'retail-dimensions'

/** Whether the tables of dimensions are as raw is: only `seed-dims` changes it, and a transform need not read it again. */
export interface DimensionVersion {
  unchanged: boolean
  /** After a publish of all models. */
  record(): Promise<void>
}

export async function dimensionVersion(tables: BigQueryTables): Promise<DimensionVersion> {
  const raw = await Promise.all(dimensions.map(({ name }) => tables.inspect('raw', name)))
  const times = raw.map((table) => [table?.creationTime, table?.lastModifiedTime])
  const version = createHash('sha256').update(JSON.stringify(times)).digest('hex').slice(0, 24)
  const built = await tables.inspect('build', TABLE)
  return {
    unchanged: built?.labels?.[LABEL] === version,
    async record() {
      const known = await tables.inspect('build', TABLE)
      if (known?.labels?.[LABEL] === version) return
      await tables.label('build', TABLE, known, { [LABEL]: version }, 'recording the version of the dimensions')
    },
  }
}
