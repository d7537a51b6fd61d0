import type { Feed, Workspace } from '../ports/index.ts'
import { formatSecond } from '../time.ts'
import type { Answers } from './answers.ts'
import type { Events } from './events.ts'
import type { LiveData } from './live-data.ts'

const LOOK_MS = 400
const WINDOW_MS = 60_000
/** Over a shorter time a rate is a guess. */
const LEAST_MS = 2_000

export interface LiveSources {
  answers: Answers
  events: Events
  feed: Feed | undefined
  workspace: Pick<Workspace, 'owner'>
  now?: () => number
}

/** Tells who listens that the data changed, and what is sold. While nobody listens, nothing is looked at. */
export function tellNews({ answers, events, feed, workspace, now = () => performance.now() }: LiveSources): () => void {
  const rate = rateOfLines(now)
  let version: string | undefined
  let told = ''
  let looking = false

  async function look(): Promise<void> {
    const current = (await answers.version()) ?? ''
    if (current !== version) events.send('data', { version: current })
    version = current
    // In this order: of a stream that has ended, the news are whole.
    const running = (await workspace.owner('lake'))?.command === 'stream'
    const news = await feed?.news()
    if (!news) return
    const live: LiveData = {
      running,
      position: formatSecond(news.position),
      salesPerMinute: rate(news.lines, running),
      last: news.last.map(({ second, ...line }) => ({ time: formatSecond(second), ...line })),
    }
    const text = JSON.stringify(live)
    if (text !== told) events.send('live', live)
    told = text
  }

  const timer = setInterval(async () => {
    if (events.count === 0 || looking) return
    looking = true
    // What cannot be read now is read at the next look.
    await look().catch(() => {})
    looking = false
  }, LOOK_MS)
  return () => clearInterval(timer)
}

/** Lines a minute of the clock, over the last minute or as long as we have looked. */
export function rateOfLines(now: () => number): (lines: number, running: boolean) => number | undefined {
  let counted: { at: number; lines: number }[] = []
  let since: number | undefined
  return (lines, running) => {
    const at = now()
    if (!running) {
      counted = []
      since = undefined
      return undefined
    }
    since ??= at
    counted = [...counted, { at, lines }].filter((one) => one.at > at - WINDOW_MS)
    const span = Math.min(WINDOW_MS, at - since)
    return span < LEAST_MS ? undefined : Math.round((counted.reduce((sum, one) => sum + one.lines, 0) / span) * 60_000)
  }
}
