import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { fs } from '../../disk.ts'
import { RetailError } from '../../errors.ts'
import type { Letter, Relation } from '../../ports/index.ts'
import { openDatabase } from './duckdb.ts'
import { formatOf } from './relation-files.ts'

/** Files whose lines are letters: a line can be the damaged event itself, which no reader of JSON takes. */
const LINES = /\.(ndjson|jsonl|json|txt|log)(\.gz)?$/i
const CHUNK_BYTES = 1 << 20
const LINE_END = 10

/** The files of lines that a path, a folder, or a pattern names; undefined if it names none of them. */
export async function linesOf(given: string, cwd: string): Promise<AsyncIterable<Letter> | undefined> {
  const place = path.resolve(cwd, given)
  const isFolder = fs.existsSync(place) && fs.statSync(place).isDirectory()
  await using database = await openDatabase(':memory:', { threads: 1 })
  const pattern = (isFolder ? path.join(place, '**') : place).replaceAll("'", "''")
  const found = await database.query<{ file: string }>(`SELECT file FROM glob('${pattern}') ORDER BY file`)
  const files = found.map(({ file }) => file).filter((file) => LINES.test(file) || formatOf(file) === 'ndjson')
  if (files.length > 0) return letters(files, given)
  return undefined
}

async function* letters(files: readonly string[], given: string): AsyncGenerator<Letter> {
  for (const file of files)
    try {
      for (const line of linesIn(file)) yield [line]
    } catch (error) {
      throw new RetailError('missing', `the dead letters ${given} cannot be read`, {
        why: String(error instanceof Error ? error.message : error),
        hint: 'check the file',
        cause: error,
      })
    }
}

function* linesIn(file: string): Generator<Buffer> {
  if (file.toLowerCase().endsWith('.gz')) {
    const bytes = gunzipSync(fs.readFileSync(file))
    const rest = yield* cut(bytes)
    if (rest.length > 0) yield rest
    return
  }
  const open = fs.openSync(file, 'r')
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES)
    let rest: Buffer = Buffer.alloc(0)
    for (
      let n = fs.readSync(open, chunk, 0, CHUNK_BYTES, null);
      n > 0;
      n = fs.readSync(open, chunk, 0, CHUNK_BYTES, null)
    )
      rest = yield* cut(Buffer.concat([rest, chunk.subarray(0, n)]))
    if (rest.length > 0) yield rest
  } finally {
    fs.closeSync(open)
  }
}

/** Yields whole lines; returns what follows the last one. */
function* cut(bytes: Buffer): Generator<Buffer, Buffer> {
  let from = 0
  for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, from)) {
    yield bytes.subarray(from, end)
    from = end + 1
  }
  return Buffer.from(bytes.subarray(from))
}

/** Types whose values are bytes, and how to read these as text. */
const BYTES: Record<string, (cell: string) => string> = {
  BLOB: (cell) => `base64(${cell})`,
  BYTES: (cell) => `TO_BASE64(${cell})`,
  bytea: (cell) => `translate(encode(${cell}, 'base64'), E'\\n', '')`,
}

/** Each row of a table is a letter. */
export async function* rowsOf(relation: Relation): AsyncGenerator<Letter> {
  try {
    const { columns, dialect, from } = relation
    const cells = columns.map(({ name, type }) => {
      const cell = dialect.column(name)
      return BYTES[type]?.(cell) ?? dialect.text(cell)
    })
    for await (const chunk of relation.query(
      `SELECT ${cells.map((cell, i) => `${cell} AS c${i}`).join(', ')} FROM ${from}`,
    ))
      for (let row = 0; row < chunk[0].length; row++) {
        const cells = chunk.map((column) => column[row])
        const texts = cells.filter((cell) => typeof cell === 'string')
        // An empty event is NULL in many tables; it counts only if no other cell is an event.
        yield texts.length < cells.length ? [...texts, ''] : texts
      }
  } finally {
    await relation[Symbol.asyncDispose]()
  }
}
