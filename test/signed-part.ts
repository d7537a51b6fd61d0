import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { openDatabase } from '../src/adapters/local/duckdb.ts'
import { CRC_BLANK, CRC_KEY, crcAt, hex } from '../src/encode/file-checksum.ts'
import { readFooter } from '../src/encode/footer.ts'

/** Rewrites a file of a lake with other rows, under its own signature: only its rows tell that it is wrong. */
export async function rewriteSigned(file: string, select: string): Promise<void> {
  const footer = readFooter(readFileSync(file))
  if (typeof footer === 'string') throw new Error(`${file}: ${footer}`)
  const metadata = Object.entries({ ...footer.metadata, [CRC_KEY]: CRC_BLANK })
  {
    await using database = await openDatabase(':memory:')
    const rows = `read_parquet('${file}', hive_partitioning = false)`
    const signature = metadata.map(([key, value]) => `'${key}': '${value}'`).join(', ')
    await database.run(
      `COPY (${select.replaceAll('$rows', rows)}) TO '${file}.new' (FORMAT parquet, KV_METADATA {${signature}})`,
    )
  }
  const bytes = readFileSync(`${file}.new`)
  const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
  const at = start + crcAt(bytes.subarray(start, bytes.length - 8))
  bytes.write(hex(crc32(bytes)), at, 'latin1')
  writeFileSync(`${file}.new`, bytes)
  renameSync(`${file}.new`, file)
  const signed = readFooter(readFileSync(file))
  if (typeof signed === 'string') throw new Error(`${file}: ${signed}`)
}
