import fs from 'node:fs'
import { promisify } from 'node:util'
import { errnoOf, RetailError } from '../src/errors.ts'
import type { Sink } from './io.ts'

/** Thrown when the reader of the rows has closed the pipe (`| head`). The command then ends without a message. */
export class ReaderLeft extends Error {}

const writeSome = promisify(fs.write)

/**
 * Writes rows to stdout in order, completely, and no faster than the reader takes them. It writes files itself, because
 * Node's file stream treats a short write (a nearly full disk) as a complete one.
 */
export function rowSink(stdout: Sink, again = EXPORT_AGAIN): (bytes: Uint8Array) => Promise<void> {
  const file = fileOf(stdout)
  const write = file === undefined ? throughStream(stdout) : throughFile(file)
  return async (bytes) => {
    try {
      await write(bytes)
    } catch (error) {
      throw explained(error, again)
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

const EXPORT_AGAIN = 'run the same command again, or give --out a folder: an export to a folder can resume'

function explained(error: unknown, again: string): unknown {
  switch (errnoOf(error)) {
    case 'EPIPE':
    case 'EIO':
    case 'ERR_STREAM_DESTROYED':
      return new ReaderLeft()
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new RetailError('disk_full', 'no space left for the rows on stdout', {
        why: 'the output is incomplete and may end in the middle of a row',
        hint: `free some space and ${again}`,
        cause: error,
      })
    default:
      return error
  }
}
