import path from 'node:path'
import { fs } from '../../disk.ts'
import { errnoFrom } from '../../system-errors.ts'
import { quote } from '../../tables/emit.ts'
import { openDatabase } from '../local/duckdb.ts'
import { BrokenLog } from './log-store.ts'

/** The columns of a checkpoint: an action is a row, in the column of its kind. */
const COLUMNS = `{
  protocol: 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])',
  metaData: 'STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[], configuration MAP(VARCHAR, VARCHAR), createdTime BIGINT)',
  add: 'STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime BIGINT, dataChange BOOLEAN)'
}`

/** The actions that make up a table, as a Parquet file. `folder`: an empty one on this machine. */
export async function encodeCheckpoint(actions: readonly object[], folder: string): Promise<Buffer> {
  const [lines, file] = ['actions.json', 'checkpoint.parquet'].map((name) => path.join(folder, name))
  fs.writeFileSync(lines, actions.map((one) => JSON.stringify(one)).join('\n'))
  await using database = await openDatabase(':memory:', { threads: 1 })
  await database.run(
    `COPY (SELECT * FROM read_json(${quote(lines)}, format = 'newline_delimited', columns = ${COLUMNS})) TO ${quote(file)} (FORMAT parquet)`,
  )
  return fs.readFileSync(file)
}

/** The files of a table and their sizes as a checkpoint names them, and the schema. Throws BrokenLog if it cannot be read. */
export async function readCheckpoint(file: string): Promise<{ files: Map<string, number>; schema: string }> {
  await using database = await openDatabase(':memory:', { threads: 1 })
  try {
    const rows = await database.query<{ path: string | null; size: bigint | null; schema: string | null }>(
      `SELECT add.path AS path, add.size AS size, metaData.schemaString AS schema FROM read_parquet(${quote(file)}, hive_partitioning = false)`,
    )
    const files = rows.flatMap(({ path, size }) => (path === null ? [] : [[path, Number(size)] as const]))
    return { files: new Map(files), schema: rows.find(({ schema }) => schema !== null)?.schema ?? '' }
  } catch (error) {
    if (errnoFrom(error) !== undefined) throw error
    throw new BrokenLog(`${path.basename(file)} is damaged`, { cause: error })
  }
}
