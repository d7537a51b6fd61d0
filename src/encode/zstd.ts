import * as zlib from 'node:zlib'
import { type Chunk, UNCOMPRESSED, ZSTD } from './parquet.ts'

/** Came with Node 22.15; config refuses the setting before. Its level is its default, 3: level 1 gave 10 % larger files in the same time. */
const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: Uint8Array) => Buffer }

export function zstd(bytes: Uint8Array): Uint8Array {
  if (!zstdCompressSync) throw new RangeError(`Node ${process.versions.node} has no zstd`)
  return zstdCompressSync(bytes)
}

/** The same column with its pages compressed. */
export function zstdChunk(chunk: Chunk): Chunk {
  if (chunk.codec !== UNCOMPRESSED) return chunk
  const { dictionary } = chunk
  return {
    ...chunk,
    codec: ZSTD,
    dictionary: dictionary && {
      values: dictionary.values,
      body: zstd(dictionary.body),
      plainBytes: dictionary.body.length,
    },
    pages: chunk.pages.map(({ rows, body }) => {
      const plain = Buffer.concat(body)
      return { rows, body: [zstd(plain)], plainBytes: plain.length }
    }),
  }
}
