/** Remembers the last `most` values that were built. */
export function recent<T>(most: number, build: (week: number) => T): (week: number) => T {
  const known = new Map<number, T>()
  return (week) => {
    let value = known.get(week)
    if (value === undefined) {
      for (const oldest of known.keys()) if (known.size >= most) known.delete(oldest)
      known.set(week, (value = build(week)))
    }
    return value
  }
}
