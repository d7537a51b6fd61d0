import type { Filters } from '../filters.ts'
import type { asker } from './ask.ts'

/** The minimum time between two requests that the server's events cause. */
const NEWS_MS = 1_000
/** The wait after one failure, and the longest wait after many: a request may cost money. */
const [RETRY_MS, LONGEST_RETRY_MS] = [3_000, 60_000]
const SLOW_MS = 200

export interface Refresher {
  /** Requests every view now. A newer request replaces an older one. */
  refresh(): Promise<void>
  /** Requests because the data changed: immediately, but at most once per second. */
  refreshForNews(): void
  /** Part of the last request failed, so it is repeated, with increasing waits. */
  failed(): void
  /** All answers of the last request have arrived. */
  settle(): void
}

/** Decides when to send a request: now, again after a failure, or later because events came too fast. */
export function refresher(
  ask: ReturnType<typeof asker>,
  filters: () => Filters,
  { canAsk, onUnreachable }: { canAsk: boolean; onUnreachable: () => void },
): Refresher {
  const { classList, dataset } = document.documentElement
  let failedNow = false
  let failures = 0
  let newsAt = 0
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let newsTimer: ReturnType<typeof setTimeout> | undefined
  let slowTimer: ReturnType<typeof setTimeout> | undefined

  async function refresh(): Promise<void> {
    dataset.asking = 'yes'
    failedNow = false
    clearTimeout(retryTimer)
    // Views fade only if the answer is slow: each change of their style makes the browser recalculate the style of the
    // whole page.
    clearTimeout(slowTimer)
    slowTimer = setTimeout(() => classList.add('slow'), SLOW_MS)
    const ended = await ask(filters())
    if (ended === 'overtaken') return
    clearTimeout(slowTimer)
    classList.remove('slow')
    delete dataset.asking
    if (ended === 'unreachable') onUnreachable()
    else settle()
  }

  function settle(): void {
    clearTimeout(retryTimer)
    if (!failedNow) failures = 0
    else if (canAsk)
      retryTimer = setTimeout(() => void refresh(), Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** failures++))
  }

  return {
    refresh,
    settle,
    failed() {
      failedNow = true
    },
    refreshForNews() {
      clearTimeout(newsTimer)
      newsTimer = setTimeout(
        () => {
          newsAt = performance.now()
          void refresh()
        },
        Math.max(0, newsAt + NEWS_MS - performance.now()),
      )
    },
  }
}
