import fs from 'node:fs'
import path from 'node:path'
import { explainSystemError } from '../../errors.ts'
import { type Batch, batchKey } from '../../ports/index.ts'
import { quote } from '../../tables/emit.ts'
import { facts } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import { openDatabase } from './duckdb.ts'
import { makeFolder, syncFile, syncFolder, temporaryName } from './files.ts'
import { literal } from './views.ts'

/** Merges batches of a folder lake into one rolled batch, on DuckDB's own threads: the stream goes on meanwhile. */
export async function rollBatches(
  lake: string,
  batches: readonly Batch[],
  from: Second,
  to: Second,
  spill: string,
): Promise<void> {
  const key = batchKey(undefined, from, to)
  const target = path.join(lake, key)
  if (fs.existsSync(target)) return
  makeFolder(path.join(lake, '.tmp'))
  const folder = temporaryName(path.join(lake, '.tmp'))
  try {
    fs.mkdirSync(folder)
    // One thread: the stream beside it needs the other core.
    await using database = await openDatabase(':memory:', { temporary: spill, threads: 1 })
    for (const { name } of facts) {
      const files = batches.map((batch) => quote(literal(path.join(lake, batch.key, `${name}.parquet`))))
      const file = path.join(folder, `${name}.parquet`)
      await database.run(`COPY (SELECT * FROM read_parquet([${files.join(', ')}])) TO ${quote(file)} (FORMAT parquet)`)
      syncFile(file)
    }
    syncFolder(folder)
    makeFolder(path.dirname(target))
    fs.renameSync(folder, target)
    syncFolder(path.dirname(target))
  } catch (error) {
    fs.rmSync(folder, { recursive: true, force: true })
    throw explainSystemError(error, `rolling ${key}`)
  }
}
