import { crc32 } from 'node:zlib'

/** A small file of ours, as JSON with a checksum. The field name `checksum` is reserved. */
export function sealed<T extends object>(value: T & { checksum?: never }): string {
  return `${JSON.stringify({ ...value, checksum: checksumOf(value) }, null, 2)}\n`
}

/**
 * The content of a sealed file; undefined if it is truncated or altered. A file of an older version has no checksum and
 * is accepted unchanged.
 */
export function unsealed<T extends object>(bytes: Buffer | undefined): T | undefined {
  if (!bytes) return undefined
  try {
    const { checksum, ...value } = JSON.parse(bytes.toString()) as T & { checksum?: string }
    return checksum === undefined || checksum === checksumOf(value) ? (value as T) : undefined
  } catch {
    // Only bytes in memory are parsed: whatever fails, they are damaged.
    return undefined
  }
}

const checksumOf = (value: object): string => hex(crc32(JSON.stringify(value)))

/** The text form of a checksum. */
export const hex = (crc: number): string => crc.toString(16).padStart(8, '0')
