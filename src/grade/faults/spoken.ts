const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const

/** Seconds as people say them: 2.4 h, 45 s. */
export function spoken(seconds: number): string {
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ['s', 1]
  const value = seconds / size
  return `${Number(value.toFixed(unit === 's' ? 0 : 2))} ${unit}`
}

/** Two durations in the unit of the larger one: between 2.01 and 2.4 h. */
export function between(from: number, to: number): string {
  const [unit, size] = UNITS.find(([, size]) => to >= size) ?? (['s', 1] as const)
  const text = (seconds: number) => Number((seconds / size).toFixed(2))
  return text(from) === text(to) ? `at ${text(to)} ${unit}` : `between ${text(from)} and ${text(to)} ${unit}`
}

/** Lengths that people choose, from the roundest one on. */
const STEPS = [86_400, 43_200, 21_600, 3_600, 1_800, 900, 600, 300, 60, 30, 15, 10, 5, 1]

/** The roundest length in [from, to). */
export function roundIn(from: number, to: number): number {
  for (const step of STEPS) {
    const first = Math.ceil(Math.max(1, from) / step) * step
    if (first < to) return first
  }
  return from
}
