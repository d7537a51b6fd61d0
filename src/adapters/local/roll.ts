import path from 'node:path'
import { fs } from '../../disk.ts'
import { batchContent, batchKey, type Lake, type LakeBatch } from '../../ports/index.ts'
import { CHECKSUMS, sealed } from '../../ports/sealed.ts'
import { explainSystemError } from '../../system-errors.ts'
import { quote } from '../../tables/emit.ts'
import { facts } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import { openDatabase } from './duckdb.ts'
import { makeFolder, removeQuietly, syncFile, syncFolder, temporaryName, writeFile } from './files.ts'
import { checksumOfFile } from './seal.ts'
import { literal } from './views.ts'

/** Merges batches of a folder lake into one rolled batch, on DuckDB's own threads, while the stream continues. */
export async function rollBatches(
  { location: lake, identity }: Pick<Lake, 'location' | 'identity'>,
  batches: readonly LakeBatch[],
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
    const world = (await identity())?.world
    const checksums: Record<string, string> = { content: batchContent(from, to), ...(world !== undefined && { world }) }
    for (const { name } of facts) {
      const files = batches.map((batch) => quote(literal(path.join(lake, batch.key, `${name}.parquet`))))
      const file = path.join(folder, `${name}.parquet`)
      await database.run(`COPY (SELECT * FROM read_parquet([${files.join(', ')}])) TO ${quote(file)} (FORMAT parquet)`)
      syncFile(file)
      checksums[`${name}.parquet`] = checksumOfFile(file)
    }
    // DuckDB writes the files, so their world and checksums are stored beside them.
    writeFile(path.join(folder, CHECKSUMS), (sink) => sink.write([Buffer.from(sealed(checksums))]))
    syncFolder(folder)
    makeFolder(path.dirname(target))
    fs.renameSync(folder, target)
    syncFolder(path.dirname(target))
  } catch (error) {
    removeQuietly(folder)
    throw explainSystemError(error, `rolling ${key}`)
  }
}
