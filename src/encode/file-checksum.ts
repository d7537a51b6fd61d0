// The checksum of a whole file in its own footer, for the writer and the reader.

export const CRC_KEY = 'retail.crc32'
/** The placeholder for the checksum while it is computed: it covers the whole file, including the footer. */
export const CRC_BLANK = '00000000'
/** The place of its digits in a footer: after the key come the field's type and the length. */
export const crcAt = (footer: Buffer): number => footer.lastIndexOf(CRC_KEY) + CRC_KEY.length + 2

export const hex = (crc: number): string => (crc >>> 0).toString(16).padStart(8, '0')
