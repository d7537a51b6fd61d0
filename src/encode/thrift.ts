/** The part of Thrift's compact protocol that a Parquet file needs. The buffer grows as needed. */
export class ThriftWriter {
  private bytes = Buffer.allocUnsafe(4096)
  private length = 0
  private lastField: number[] = [0]

  private room(n: number): void {
    if (this.length + n <= this.bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + n))
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }

  private byte(value: number): void {
    this.room(1)
    this.bytes[this.length++] = value
  }

  private varint(value: number): void {
    this.room(10)
    while (value > 127) {
      this.bytes[this.length++] = (value % 128) | 128
      value = Math.floor(value / 128)
    }
    this.bytes[this.length++] = value
  }

  private zigzag(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1)
  }

  private field(id: number, type: number): void {
    const top = this.lastField.length - 1
    const delta = id - this.lastField[top]
    this.lastField[top] = id
    if (delta > 0 && delta < 16) this.byte((delta << 4) | type)
    else {
      this.byte(type)
      this.zigzag(id)
    }
  }

  i32(id: number, value: number): this {
    this.field(id, 5)
    this.zigzag(value)
    return this
  }

  i64(id: number, value: number): this {
    this.field(id, 6)
    this.zigzag(value)
    return this
  }

  bool(id: number, value: boolean): this {
    this.field(id, value ? 1 : 2)
    return this
  }

  binary(id: number, value: Uint8Array | string): this {
    this.field(id, 8)
    return this.element(value)
  }

  /** A string or bytes inside a list. */
  element(value: Uint8Array | string): this {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    this.varint(bytes.length)
    this.room(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
    return this
  }

  /** An i32 inside a list. */
  intElement(value: number): this {
    this.zigzag(value)
    return this
  }

  struct(id: number, fill: () => void): this {
    this.field(id, 12)
    return this.structElement(fill)
  }

  /** A struct inside a list, or the outermost one. */
  structElement(fill: () => void): this {
    this.lastField.push(0)
    fill()
    this.byte(0)
    this.lastField.pop()
    return this
  }

  list(id: number, type: 'i32' | 'binary' | 'struct', length: number): this {
    this.field(id, 9)
    const code = { i32: 5, binary: 8, struct: 12 }[type]
    if (length < 15) this.byte((length << 4) | code)
    else {
      this.byte(0xf0 | code)
      this.varint(length)
    }
    return this
  }

  finish(): Buffer {
    const out = Buffer.from(this.bytes.subarray(0, this.length))
    this.length = 0
    this.lastField = [0]
    return out
  }
}
