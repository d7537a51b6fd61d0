import path from 'node:path'
import { fs } from '../../disk.ts'
import { batchContent, batchKey, type Lake, type LakeBatch } from '../../ports/index.ts'
import { batchFile, batchKeys, recordKey } from '../../ports/layout.ts'
import { sealed } from '../../ports/sealed.ts'
import { explainSystemError } from '../../system-errors.ts'
import { quote } from '../../tables/emit.ts'
import { facts } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import { openDatabase } from './duckdb.ts'
import { makeFolder, removeQuietly, syncFile, syncFolder, temporaryName, writeFile } from './files.ts'
import { checksumOfFile } from './seal.ts'
import { literal, readParquet } from './views.ts'

const RECORD = 'record.json'

/** Merges batches of a folder lake into one rolled batch, on DuckDB's own threads, while the stream continues. */
export async function rollBatches(
  { location: lake, identity }: Pick<Lake, 'location' | 'identity'>,
  batches: readonly LakeBatch[],
  from: Second,
  to: Second,
  spill: string,
): Promise<void> {
  const key = batchKey(undefined, from, to)
  const rolled: LakeBatch = { key, from, to, generation: undefined }
  if (batchKeys(rolled).every((name) => fs.existsSync(path.join(lake, name)))) return
  makeFolder(path.join(lake, '.tmp'))
  const folder = temporaryName(path.join(lake, '.tmp'))
  const intoPlace = (file: string, name: string) => {
    const target = path.join(lake, name)
    makeFolder(path.dirname(target))
    fs.renameSync(path.join(folder, file), target)
    syncFolder(path.dirname(target))
  }
  try {
    fs.mkdirSync(folder)
    // One thread: the stream beside it needs the other core.
    await using database = await openDatabase(':memory:', { temporary: spill, threads: 1 })
    const world = (await identity())?.world
    const checksums: Record<string, string> = { content: batchContent(from, to), ...(world !== undefined && { world }) }
    for (const { name } of facts) {
      const files = batches.map((batch) => literal(path.join(lake, batchFile(batch, name))))
      const file = path.join(folder, `${name}.parquet`)
      await database.run(`COPY (SELECT * FROM ${readParquet(files)}) TO ${quote(file)} (FORMAT parquet)`)
      syncFile(file)
      checksums[name] = checksumOfFile(file)
    }
    // DuckDB writes the files, so their world and checksums are in the record. It comes first: it says whose files are left
    // by a writer that was killed before all of them were in place.
    writeFile(path.join(folder, RECORD), (sink) => sink.write([Buffer.from(sealed(checksums))]))
    intoPlace(RECORD, recordKey(key))
    for (const { name } of facts) intoPlace(`${name}.parquet`, batchFile(rolled, name))
  } catch (error) {
    throw explainSystemError(error, `rolling ${key}`)
  } finally {
    removeQuietly(folder)
  }
}
