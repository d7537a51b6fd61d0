import type { Feed, Workspace } from '../ports/index.ts'
import { formatSecond } from '../time.ts'
import type { Answers } from './answers.ts'
import type { Events } from './events.ts'
import type { LiveData } from './live-data.ts'

const UPDATE_MS = 400
const WINDOW_MS = 60_000
/** Milliseconds. Over a shorter time, a rate is a guess. */
const LEAST_MS = 2_000

export interface LiveSources {
  answers: Answers
  events: Events
  feed: Feed | undefined
  workspace: Pick<Workspace, 'owner'>
  now?: () => number
}

/** Notifies clients of new data and new sales. It reads nothing while no client is connected. */
export function publishUpdates({
  answers,
  events,
  feed,
  workspace,
  now = () => performance.now(),
}: LiveSources): () => void {
  const rate = rateOfLines(now)
  let version: string | undefined
  let lastText = ''
  let updating = false

  async function update(): Promise<void> {
    const current = (await answers.version()) ?? ''
    if (current !== version) events.send('data', { version: current })
    version = current
    // In this order, so that the last news of a finished stream is complete.
    const running = (await workspace.owner('lake'))?.command === 'stream'
    const news = await feed?.news()
    if (!news) return
    const live: LiveData = {
      running,
      ...(news.trouble !== undefined && { trouble: news.trouble }),
      position: formatSecond(Math.floor(news.position)),
      salesPerMinute: rate(news.lines, running),
      last: news.last.map(({ second, ...line }) => ({ time: formatSecond(second), ...line })),
    }
    const text = JSON.stringify(live)
    if (text !== lastText) events.send('live', live)
    lastText = text
  }

  const timer = setInterval(async () => {
    if (events.count === 0 || updating) return
    updating = true
    // A failed read is repeated at the next tick.
    await update().catch(() => {})
    updating = false
  }, UPDATE_MS)
  return () => clearInterval(timer)
}

/** Lines per minute of real time, over the last minute or since the first look. */
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
