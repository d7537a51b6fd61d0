import type { Cut } from '../../ports/index.ts'
import { formatDay, SECONDS_PER_DAY, type Second } from '../../time.ts'

/**
 * The UTC days whose rows differ from the published ones; undefined if everything has to be built. Nothing before the
 * published instant changes, because every event before it has arrived (`deliveredOf`). `until`: nothing that a
 * transform has built, published or not, is later.
 */
export function changedDays(published: Cut | undefined, until: Second): string[] | undefined {
  if (!published) return undefined
  const days: string[] = []
  for (let at = published.live; at < until; at = (Math.floor(at / SECONDS_PER_DAY) + 1) * SECONDS_PER_DAY)
    days.push(formatDay(Math.floor(at / SECONDS_PER_DAY)))
  return days
}
