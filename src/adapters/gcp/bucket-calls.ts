import type { File } from '@google-cloud/storage'
import {
  explainCloudError,
  isNotFound,
  isTaken,
  isTransient,
  type RetrySite,
  scaledForEmulator,
  within,
} from './retry.ts'

const CALL_MS = 60_000
/** Timeout of an upload: a minimum, plus time for more bytes. */
export const UPLOAD_MS = 120_000
const LATE_MS = 20_000
const SLOWEST_BYTES_PER_MS = 250
/** Larger objects are uploaded in resumable pieces. */
const RESUMABLE_BYTES = 8 << 20

/** Calls Cloud Storage with our timeouts and retries; errors say what was being done. */
export async function call<T>(site: RetrySite, doing: string, work: () => Promise<T>, mayMiss = false): Promise<T> {
  try {
    return await site.run(() => within(UPLOAD_MS * 10, doing, work(), LATE_MS), isTransient)
  } catch (error) {
    // The caller knows what these two mean.
    throw isTaken(error) || (mayMiss && isNotFound(error)) ? error : explainCloudError(error, doing)
  }
}

export async function save(file: File, bytes: Buffer, generation: number | string): Promise<void> {
  const resumable = bytes.length > RESUMABLE_BYTES
  const ms = UPLOAD_MS + bytes.length / SLOWEST_BYTES_PER_MS
  const upload = file.save(bytes, {
    resumable,
    validation: 'crc32c',
    timeout: scaledForEmulator(ms),
    preconditionOpts: { ifGenerationMatch: generation },
  })
  await within(ms, `sending ${bytes.length} bytes`, upload)
}

export async function inspect(
  file: File,
  inspecting: <T>(doing: string, work: () => Promise<T>) => Promise<T>,
): Promise<{ checksum: string; generation: string } | undefined> {
  try {
    const [{ crc32c, generation }] = await inspecting(`checking ${file.name}`, () =>
      within(CALL_MS, 'checking an object', file.getMetadata()),
    )
    return { checksum: String(crc32c), generation: String(generation) }
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

export async function crc32c(bytes: Buffer): Promise<string> {
  const { CRC32C } = await import('@google-cloud/storage')
  const sum = new CRC32C()
  sum.update(bytes)
  return sum.toString()
}
