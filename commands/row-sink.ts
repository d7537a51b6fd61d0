import fs from 'node:fs'
import { promisify } from 'node:util'
import { errnoOf, RetailError } from '../src/errors.ts'
import type { Sink } from './io.ts'

/** Thrown when whoever read the rows has left (`| head`): there is nobody to go on for, and nothing to say. */
export class ReaderLeft extends Error {}

const writeSome = promisify(fs.write)

/**
 * Writes rows to stdout: in order, all of them, and no faster than they are taken. Files are written by us: Node's stream of a
 * file takes a short write, as of a disk that is nearly full, for a whole one.
 */
export function rowSink(stdout: Sink): (bytes: Uint8Array) => Promise<void> {
  const file = fileOf(stdout)
  const write = file === undefined ? throughStream(stdout) : throughFile(file)
  return async (bytes) => {
    try {
      await write(bytes)
    } catch (error) {
      throw explained(error)
    }
  }
}

function fileOf(stdout: Sink): number | undefined {
  if (stdout.isTTY || !('fd' in stdout) || typeof stdout.fd !== 'number') return undefined
  const stat = fs.fstatSync(stdout.fd)
  return stat.isFile() || stat.isCharacterDevice() ? stdout.fd : undefined
}

const throughFile = (fd: number) => async (bytes: Uint8Array) => {
  for (let at = 0; at < bytes.length; ) at += (await writeSome(fd, bytes, at, bytes.length - at, null)).bytesWritten
}

const throughStream = (stdout: Sink) => (bytes: Uint8Array) =>
  new Promise<void>((resolve, reject) => {
    stdout.write(bytes, (error) => (error ? reject(error) : resolve()))
  })

function explained(error: unknown): unknown {
  switch (errnoOf(error)) {
    case 'EPIPE':
    case 'EIO':
    case 'ERR_STREAM_DESTROYED':
      return new ReaderLeft()
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new RetailError('disk_full', 'no space left for the rows on stdout', {
        why: 'where they go ends within the table, perhaps within a row',
        hint: 'free some space and run the same command again, or give --out a folder: that goes on where it stopped',
        cause: error,
      })
    default:
      return error
  }
}
