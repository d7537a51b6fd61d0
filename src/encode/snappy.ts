/**
 * The elements of a Snappy stream (google/snappy, format_description.txt), written without a compressor: our columns
 * know what repeats, so no search is needed. Elements are little-endian words; if one is shorter than a word, the next
 * one overwrites the excess.
 */

/** The tag of a literal of 1 to 60 bytes. */
export const literal = (length: number): number => (length - 1) << 2

/** A copy of 4 to 11 bytes from less than 2,048 bytes back: two bytes. */
export const nearCopy = (back: number, length: number): number =>
  1 | ((length - 4) << 2) | ((back >> 8) << 5) | ((back & 255) << 8)
export const isNear = (back: number, length: number): boolean => length >= 4 && length <= 11 && back < 2048
export const NEAR_COPY = 2

/** A copy of 1 to 64 bytes from at most FARTHEST bytes back: three bytes. A copy may overlap its own output. */
export const farCopy = (back: number, length: number): number => 2 | ((length - 1) << 2) | (back << 8)
export const FAR_COPY = 3
export const FARTHEST = 65_535
export const LONGEST_COPY = 64

/** The stream of the current page. Scratch memory, reused for the next page of any column. */
export class SnappyPage {
  bytes = Buffer.alloc(1 << 16)
  /** Writes a word at any offset in one instruction. */
  view = new DataView(this.bytes.buffer, this.bytes.byteOffset)

  /**
   * Reserves `bound` bytes and starts the stream with its uncompressed length as a varint. Returns the offset of its
   * elements.
   */
  begin(plainBytes: number, bound: number): number {
    if (this.bytes.length < bound + 16) {
      this.bytes = Buffer.alloc(Math.ceil(bound * 1.25) + 16)
      this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset)
    }
    let at = 0
    for (; plainBytes > 127; plainBytes >>>= 7) this.bytes[at++] = (plainBytes & 127) | 128
    this.bytes[at++] = plainBytes
    return at
  }

  /** Reserves this many bytes after `at`; the content so far stays. */
  reserve(at: number, more: number): void {
    if (at + more + 16 <= this.bytes.length) return
    this.bytes = Buffer.concat([this.bytes, Buffer.alloc(this.bytes.length + more)])
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset)
  }

  /** Writes `text` literally; returns the end offset. */
  text(at: number, text: string): number {
    const { bytes } = this
    bytes[at++] = literal(text.length)
    // A few characters: calling Buffer's write takes longer than this loop.
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    return at
  }

  /** Repeats the data `back` bytes earlier; returns the end offset. */
  copy(at: number, back: number, length: number): number {
    if (isNear(back, length)) {
      this.view.setUint32(at, nearCopy(back, length), true)
      return at + NEAR_COPY
    }
    this.view.setUint32(at, farCopy(back, length), true)
    return at + FAR_COPY
  }
}

/** One per thread: a page is complete before the next one starts. */
export const snappyPage = new SnappyPage()
