const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** `10GiB`, `500 MiB`, `1073741824`, in bytes; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit = 'B'] = /^(\d{1,15})\s*([KMGTP]iB|B)?$/i.exec(text.trim()) ?? []
  const power = UNITS.findIndex((each) => each.toLowerCase() === unit.toLowerCase())
  const bytes = digits === undefined ? Number.NaN : Number(digits) * 1024 ** power
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** The shortest text that parses to the same number. */
export function formatSize(bytes: number): string {
  const power = UNITS.findLastIndex((_, i) => bytes >= 1024 ** i && bytes % 1024 ** i === 0)
  return power <= 0 ? `${bytes}` : `${bytes / 1024 ** power}${UNITS[power]}`
}
