/** Days of an average month. */
const DAYS = 30.4
const NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/**
 * How often a schedule fires in an average month: `5 * * * *` 729.6 times. Undefined if it is not five fields of cron,
 * which Cloud Scheduler will refuse, or another of its forms (`every 5 minutes`).
 */
export function runsAMonth(schedule: string): number | undefined {
  const fields = schedule.trim().toLowerCase().split(/\s+/)
  if (fields.length !== 5) return undefined
  const ranges = [
    [0, 59],
    [0, 23],
    [1, 31],
    [1, 12],
    [0, 6],
  ] as const // prettier-ignore
  const counts = fields.map((field, i) => countOf(field, ranges[i]))
  if (counts.some((count) => count === undefined)) return undefined
  const [minutes, hours, dates, months, weekdays] = counts as number[]
  const [anyDate, anyWeekday] = [dates === 31, weekdays === 7]
  // With both, either of them is enough; a month has few such overlaps.
  const days = Math.min(
    DAYS,
    anyDate && anyWeekday ? DAYS : (anyDate ? 0 : (dates * DAYS) / 31) + (anyWeekday ? 0 : (weekdays * DAYS) / 7),
  )
  return minutes * hours * days * (months / 12)
}

/** How many values of a range a field allows. */
function countOf(field: string, [least, most]: readonly [number, number]): number | undefined {
  const allowed = new Set<number>()
  for (const part of field.split(',')) {
    const [, from, to, step] = /^(\*|[a-z\d]+)(?:-([a-z\d]+))?(?:\/(\d+))?$/.exec(part) ?? []
    if (from === undefined) return undefined
    const first = from === '*' ? least : numberOf(from)
    const last = to === undefined ? (from === '*' || step !== undefined ? most : first) : numberOf(to)
    if (!(first >= least && last <= most + 1 && first <= last) || step === '0') return undefined
    for (let value = first; value <= last; value += Number(step ?? 1)) allowed.add(most === 6 ? value % 7 : value)
  }
  return allowed.size
}

const numberOf = (text: string): number => (NAMES.includes(text) ? NAMES.indexOf(text) : Number(text))
