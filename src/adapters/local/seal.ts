import { crc32 } from 'node:zlib'
import { fs } from '../../disk.ts'
import { hex } from '../../ports/sealed.ts'
import { readIfThere, replaceFile } from './files.ts'

const CHUNK_BYTES = 1 << 20

/** The checksum of a file of any size, read piece by piece. */
export function checksumOfFile(file: string): string {
  const fd = fs.openSync(file, 'r')
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES)
    let crc = 0
    for (;;) {
      const read = fs.readSync(fd, chunk, 0, chunk.length, null)
      if (read === 0) return hex(crc)
      crc = crc32(chunk.subarray(0, read), crc)
    }
  } finally {
    fs.closeSync(fd)
  }
}

const sealOf = (file: string) => `${file}.checksum`

/** Stores the checksum of a file beside it. */
export const sealFile = (file: string): void => replaceFile(sealOf(file), checksumOfFile(file))

/**
 * Whether a file matches its seal. `false` does not prove damage: a process that was stopped between file and seal left
 * it unsealed, or the seal itself may be damaged.
 */
export function isAsSealed(file: string): boolean {
  return readIfThere(sealOf(file))?.toString() === checksumOfFile(file)
}
