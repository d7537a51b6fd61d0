/** A Snappy stream → its bytes, element by element as google/snappy's format_description.txt has them. Refuses what a reader may refuse. */
export function unsnap(stream: Uint8Array): Buffer {
  let at = 0
  let size = 0
  for (let shift = 0; ; shift += 7) {
    const byte = stream[at++]
    size |= (byte & 127) << shift
    if (byte < 128) break
  }
  const out = Buffer.alloc(size)
  let end = 0
  while (at < stream.length) {
    const tag = stream[at++]
    const kind = tag & 3
    if (kind === 0) {
      const length = (tag >> 2) + 1
      if (length > 60) throw new RangeError('a literal of more than 60 bytes says its length elsewhere')
      out.set(stream.subarray(at, at + length), end)
      at += length
      end += length
      continue
    }
    if (kind === 3) throw new RangeError('no compressor writes offsets of four bytes')
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const back = kind === 1 ? ((tag >> 5) << 8) | stream[at++] : stream[at++] | (stream[at++] << 8)
    if (back === 0 || back > end) throw new RangeError(`a copy from ${back} bytes before byte ${end}`)
    if (end + length > size) throw new RangeError('more bytes than the stream said')
    for (let i = 0; i < length; i++, end++) out[end] = out[end - back]
  }
  if (end !== size) throw new RangeError(`${end} bytes, not ${size}`)
  return out
}
