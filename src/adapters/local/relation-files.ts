import path from 'node:path'
import { gunzipSync, constants as zlib } from 'node:zlib'
import { fs } from '../../disk.ts'
import { POSITION_FILE, WORLD_FILE } from '../../ports/layout.ts'
import { quote } from '../../tables/emit.ts'
import type { Database } from './duckdb.ts'

export type FileFormat = 'parquet' | 'csv' | 'ndjson'

const FORMAT_OF: Readonly<Record<string, FileFormat>> = {
  parquet: 'parquet',
  ...{ csv: 'csv', tsv: 'csv' },
  ...{ ndjson: 'ndjson', jsonl: 'ndjson', json: 'ndjson' },
} as const

export interface TableFiles {
  format: FileFormat
  files: string[]
}

/** Files that retail writes beside its own rows. */
const NOTES = new Set([WORLD_FILE, POSITION_FILE])

/** The files that a path, a pattern, or a folder names. Throws a sentence if they are not of one format. */
export async function filesOf(database: Database, place: string): Promise<TableFiles> {
  const isFolder = fs.statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false
  const pattern = isFolder ? path.join(place, '**') : place
  const all = await database.query<{ file: string }>(`SELECT file FROM glob(${quote(pattern)}) ORDER BY file`)
  const isHidden = hiddenBy(pattern)
  const byFormat = new Map<FileFormat, string[]>()
  for (const { file } of all) {
    if (isHidden(file) || (file !== place && NOTES.has(path.basename(file)))) continue
    const format = formatOf(file)
    if (format) byFormat.set(format, [...(byFormat.get(format) ?? []), file])
    else if (!isFolder) throw new Error(`${path.basename(file)} is neither Parquet, nor CSV, nor NDJSON`)
  }
  const [first, ...others] = byFormat
  if (!first) throw new Error(all.length === 0 ? 'no file matches it' : 'it has no Parquet, CSV, or NDJSON files')
  if (others.length > 0) {
    const examples = [...byFormat].map(([format, [file]]) => `${format} (${path.relative(place, file) || file})`)
    throw new Error(`it has files of several formats: ${examples.join(' and ')}`)
  }
  if (first[1].every((file) => fs.statSync(file).size === 0))
    throw new Error(first[1].length === 1 ? 'it is empty' : `all of its ${first[1].length} files are empty`)
  return { format: first[0], files: first[1] }
}

/** The format of a file by its name. Engines such as Flink give it no extension: then its first signs say it. */
export function formatOf(file: string): FileFormat | undefined {
  const [, extension] = /\.([a-z]+)(?:\.gz|\.zst)?$/.exec(file.toLowerCase()) ?? []
  if (extension !== undefined) return FORMAT_OF[extension]
  const head = headOf(file) ?? ''
  return head.startsWith('PAR1') ? 'parquet' : /^\s*\{/.test(head) ? 'ndjson' : undefined
}

/** Names that start with `.` or `_` are no data, as for Hive and Spark, unless the pattern itself has such a name there. */
function hiddenBy(pattern: string): (file: string) => boolean {
  const own = pattern.split(path.sep)
  const literal = new Set(own)
  const marks = new Set(own.filter((name) => /[*?[]/.test(name)).map((name) => name[0]))
  return (file) => file.split(path.sep).some((name) => /^[._]/.test(name) && !literal.has(name) && !marks.has(name[0]))
}

/** The files that lack a column which others have: they are of another table. */
export async function filesWithout(
  database: Database,
  { format, files }: TableFiles,
  column: string,
): Promise<string[]> {
  if (files.length < 2) return []
  const has =
    format === 'parquet' ? await parquetFilesWith(database, files, column) : textFilesWith(format, files, column)
  const known = files.filter((file) => has.has(file))
  return known.some((file) => has.get(file)) ? known.filter((file) => !has.get(file)) : []
}

async function parquetFilesWith(
  database: Database,
  files: readonly string[],
  column: string,
): Promise<ReadonlyMap<string, boolean>> {
  const rows = await database.query<{ file: string; has: boolean }>(
    `SELECT file_name AS file, bool_or(lower(name) = lower(${quote(column)})) AS has FROM parquet_schema([${files.map(quote).join(', ')}]) GROUP BY ALL`,
  )
  return new Map(rows.map(({ file, has }) => [file, has]))
}

/** As much of a file as its first line needs. */
const HEAD_BYTES = 65_536

/** Files of which nothing can be said are not in the result. */
function textFilesWith(format: FileFormat, files: readonly string[], column: string): Map<string, boolean> {
  const wanted = column.toLowerCase()
  const found = new Map<string, boolean>()
  for (const file of files) {
    const lines = headOf(file)?.split('\n') ?? []
    const names = format === 'csv' ? headerOf(lines[0] ?? '') : keysOf(lines)
    if (names.length > 0) found.set(file, names.includes(wanted))
  }
  return found
}

function headOf(file: string): string | undefined {
  if (file.endsWith('.zst')) return undefined
  const handle = fs.openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(HEAD_BYTES)
    const head = bytes.subarray(0, fs.readSync(handle, bytes, 0, HEAD_BYTES, 0))
    const isZipped = head[0] === 0x1f && head[1] === 0x8b
    return (isZipped ? gunzipSync(head, { finishFlush: zlib.Z_SYNC_FLUSH }) : head).toString('utf8')
  } catch {
    // Whoever reads all of it says what is wrong with it.
    return undefined
  } finally {
    fs.closeSync(handle)
  }
}

const headerOf = (line: string): string[] =>
  line
    .replace(/^\uFEFF|\r$/g, '')
    .split(/[,;\t|]/)
    .map((name) =>
      name
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .toLowerCase(),
    )
    .filter((name) => name !== '')

/** The keys of the first line that is an object. */
function keysOf(lines: readonly string[]): string[] {
  for (const line of lines)
    try {
      const value: unknown = JSON.parse(line)
      if (typeof value === 'object' && value !== null) return Object.keys(value).map((name) => name.toLowerCase())
    } catch {
      // A damaged line, or the part of one at the end of what was read.
    }
  return []
}
