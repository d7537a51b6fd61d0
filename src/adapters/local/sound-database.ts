import { fs } from '../../disk.ts'
import { broken, type Damage, foreignTo } from '../../ports/damage.ts'
import { errnoFrom, firstLine } from '../../system-errors.ts'
import type { Database } from './duckdb.ts'
import { recall } from './published-file.ts'
import { strangeKind } from './regular.ts'
import { isAsSealed } from './seal.ts'

/**
 * What a private database records about its content, if it is sound and of this world, or what is wrong with it; neither
 * if it does not exist. A matching seal saves reading all of it, because DuckDB checks each
 * block that it reads.
 */
export async function soundDatabase<T extends { world: string }>(
  file: string,
  world: string,
  open: (file: string) => Promise<Database>,
): Promise<{ about?: T; damage?: Damage }> {
  const kind = strangeKind(file)
  if (kind !== undefined) return { damage: broken(`it is ${kind}, not a file`) }
  if (!fs.existsSync(file)) return {}
  try {
    await using database = await open(file)
    const about = await recall<T>(database)
    if (about?.world !== world) return { damage: foreignTo(about?.world) }
    if (!isAsSealed(file)) await readAll(database)
    return { about }
  } catch (error) {
    // A file that could not be read is not damaged.
    if (errnoFrom(error) !== undefined || /conflicting lock/i.test(String(error))) throw error
    return { damage: broken(firstLine(error)) }
  }
}

/** Reads every column of every table, so that DuckDB checks the checksums of their blocks. */
export async function readAll(database: Database): Promise<void> {
  // With its catalog: the catalog of marts.duckdb has the name of one of its schemas.
  const tables = await database.query('SELECT database_name, schema_name, table_name FROM duckdb_tables()')
  for (const { database_name, schema_name, table_name } of tables)
    await database.query(`SELECT bit_xor(hash(x)) FROM "${database_name}"."${schema_name}"."${table_name}" AS x`)
}
