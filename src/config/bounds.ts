import { parseDay, SECONDS_PER_DAY, type Second } from '../time.ts'

/** The first and the last day that a world can have: ids contain two digits of the year. */
export const [FIRST_DAY, LAST_DAY] = ['2000-01-01', '2098-12-31'] as const

/** The midnight at which every timeline ends. */
export const TIMELINE_END: Second = (parseDay(LAST_DAY)! + 1) * SECONDS_PER_DAY
