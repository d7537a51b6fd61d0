import os from 'node:os'
import path from 'node:path'
import { fs } from '../../disk.ts'
import { explainSystemError } from '../../system-errors.ts'
import { openDatabase } from './duckdb.ts'

const COPIES = 'STRUCT("at" TIMESTAMPTZ, "copy" INTEGER, form VARCHAR, sha256 VARCHAR)[]'
/** The fields of an answer, and their types. */
const COLUMNS: Record<string, string> = {
  ...{ id: 'VARCHAR', table: 'VARCHAR', kind: 'VARCHAR', also: 'VARCHAR[]', form: 'VARCHAR' },
  ...{ event_time: 'TIMESTAMPTZ', sent_time: 'TIMESTAMPTZ', sent: COPIES, on_its_way: COPIES, right: 'VARCHAR' },
}
const quote = (text: string) => `'${text.replaceAll("'", "''")}'`
const CHUNK_BYTES = 1 << 20
let made = 0

/** Collects lines of an answer key, and yields them as the bytes of a Parquet file. The first line describes the key. */
export function answerTable(): {
  write(line: string): Promise<void>
  bytes(): AsyncGenerator<Uint8Array>
} & Disposable {
  const folder = path.join(os.tmpdir(), `retail-faults-${process.pid}-${++made}`)
  const [lines, file] = ['key.ndjson', 'key.parquet'].map((name) => path.join(folder, name))
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  const open = fs.openSync(lines, 'w')
  let head: Record<string, string> | undefined
  return {
    async write(line) {
      if (!head) {
        head = JSON.parse(line) as Record<string, string>
        return
      }
      try {
        fs.writeFileSync(open, line)
      } catch (error) {
        throw explainSystemError(error, `writing ${lines}`)
      }
    },
    async *bytes() {
      await using database = await openDatabase(':memory:', { temporary: folder, threads: 1 })
      const columns = Object.entries(COLUMNS).map(([name, type]) => `${quote(name)}: ${quote(type)}`)
      const about = Object.entries(head ?? {}).map(([name, value]) => `${quote(name)}: ${quote(String(value))}`)
      await database.run(
        `COPY (SELECT * FROM read_ndjson(${quote(lines)}, columns = {${columns.join(', ')}})) TO ${quote(file)} (FORMAT parquet, KV_METADATA {${about.join(', ')}})`,
      )
      const from = fs.openSync(file, 'r')
      try {
        const chunk = Buffer.alloc(CHUNK_BYTES)
        for (
          let n = fs.readSync(from, chunk, 0, CHUNK_BYTES, null);
          n > 0;
          n = fs.readSync(from, chunk, 0, CHUNK_BYTES, null)
        )
          yield chunk.subarray(0, n)
      } finally {
        fs.closeSync(from)
      }
    },
    [Symbol.dispose]() {
      fs.closeSync(open)
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}
