import { crc32 } from 'node:zlib'
import { CRC_BLANK, CRC_KEY, crcAt, hex } from './file-checksum.ts'

export interface Footer {
  rows: number
  metadata: Record<string, string>
  /** The program that wrote the file. */
  createdBy: string
}

export const UNSIGNED = 'it was not written by retail'

/**
 * The metadata of a complete file, including its checksum, which this verifies. A string is the reason why the file is
 * not complete.
 */
export function readFooter(file: Buffer): Footer | string {
  const end = file.length - 8
  if (file.length < 12 || file.toString('latin1', end + 4) !== 'PAR1')
    return 'it is cut off: no Parquet footer at its end'
  const start = end - file.readUInt32LE(end)
  if (start < 4) return 'its footer is longer than the file'
  let footer: Footer
  try {
    footer = parseFooter(file.subarray(start, end))
  } catch {
    // Only bytes in memory are parsed: whatever fails, they are not a footer.
    return 'its footer cannot be read'
  }
  const expected = footer.metadata[CRC_KEY]
  if (expected === undefined) return UNSIGNED
  const at = start + crcAt(file.subarray(start, end))
  const crc = crc32(file.subarray(at + CRC_BLANK.length), crc32(CRC_BLANK, crc32(file.subarray(0, at))))
  if (hex(crc) !== expected) return 'its bytes do not match the checksum in its footer'
  return footer
}

/** The metadata at the end of a file, unchecked; undefined if these bytes are no whole footer. */
export function peekFooter(tail: Buffer): Footer | undefined {
  const end = tail.length - 8
  if (tail.length < 12 || tail.toString('latin1', end + 4) !== 'PAR1') return undefined
  const start = end - tail.readUInt32LE(end)
  if (start < 0) return undefined
  try {
    return parseFooter(tail.subarray(start, end))
  } catch {
    // Only bytes in memory are parsed: whatever fails, they are not a footer.
    return undefined
  }
}

function parseFooter(bytes: Buffer): Footer {
  const top = new ThriftReader(bytes).struct()
  const metadata: Record<string, string> = {}
  for (const entry of (top[5] ?? []) as ThriftStruct[]) metadata[String(entry[1])] = String(entry[2])
  return { rows: Number(top[3]), metadata, createdBy: String(top[6] ?? '') }
}

type ThriftValue = number | boolean | Buffer | ThriftValue[] | ThriftStruct
interface ThriftStruct {
  [field: number]: ThriftValue
}

/** Reads the compact protocol into plain values. */
class ThriftReader {
  private readonly bytes: Buffer
  private at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  private byte(): number {
    if (this.at >= this.bytes.length) throw new RangeError('thrift ends early')
    return this.bytes[this.at++]
  }

  private varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }

  private zigzag(): number {
    const value = this.varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  struct(): ThriftStruct {
    const fields: ThriftStruct = {}
    for (let id = 0; ; ) {
      const head = this.byte()
      if (head === 0) return fields
      const type = head & 15
      id = head >> 4 === 0 ? this.zigzag() : id + (head >> 4)
      fields[id] = this.value(type)
    }
  }

  private value(type: number): ThriftValue {
    switch (type) {
      case 1:
        return true
      case 2:
        return false
      case 3:
        return this.byte()
      case 4:
      case 5:
      case 6:
        return this.zigzag()
      case 8: {
        const length = this.varint()
        if (this.at + length > this.bytes.length) throw new RangeError('thrift ends early')
        return this.bytes.subarray(this.at, (this.at += length))
      }
      case 9: {
        const head = this.byte()
        const length = head >> 4 === 15 ? this.varint() : head >> 4
        if (this.at + length > this.bytes.length) throw new RangeError('thrift ends early')
        return Array.from({ length }, () => this.value(head & 15))
      }
      case 12:
        return this.struct()
      default:
        throw new RangeError(`thrift type ${type}`)
    }
  }
}
