import { table } from './paired.mjs'
import { forget, peer, retail, writeConfig } from './tool.mjs'

const RATES = ['20', '50', '200', '500', '5k', '20k', '100k']
const WINDOW_MS = 10_000
const STEP_MS = 100
const ALLOWED = 0.05

/** How even `stream --rate` is: the events that became visible in every ten seconds, by day and by night of the timeline. */
export async function rate({ folder, small }) {
  const seconds = small ? 15 : 60
  writeConfig(folder, { stores: 1000, to: '2024-01-31' })
  forget(folder)
  await retail(folder, 'seed-dims')
  await retail(folder, 'backfill')
  const runs = []
  for (const asked of RATES) {
    const { result } = await peer(folder, 'rate-side.mjs', asked, seconds * 1000)
    runs.push({ ...result, ...windowsOf(result, seconds * 1000), asked })
  }
  const worst = Math.max(...runs.map(({ off }) => off))
  const percent = (share) => `${(share * 100).toFixed(1)} %`
  return {
    title: 'Rate',
    about: `\`stream --rate\` into a world of 1,000 stores, ${seconds} seconds each, durable, both tables. The result counts the events that became visible in every window of ten seconds, with one window starting every tenth of a second, at any hour of the shop.`,
    tables: [
      table(
        [
          'requested, events/s',
          'actual',
          'fewest in ten seconds',
          'most in ten seconds',
          'largest deviation',
          'days of the timeline',
          'lag p50 ms',
          'lag max ms',
        ],
        runs.map(({ asked, least, most, off, eventsPerSecond, from, to, lag }) => [
          asked,
          eventsPerSecond.toLocaleString('en-US'),
          least.toLocaleString('en-US'),
          most.toLocaleString('en-US'),
          percent(off),
          ((Date.parse(to) - Date.parse(from)) / 86_400_000).toFixed(2),
          lag.p50Ms,
          lag.maxMs,
        ]),
      ),
    ],
    goals: [
      [
        'events in any ten seconds, up to 100,000 per second',
        `within ${ALLOWED * 100} %`,
        `${percent(worst)} at most`,
        worst <= ALLOWED,
      ],
    ],
  }
}

function windowsOf({ delivered, asked }, durationMs) {
  const wanted = (asked.eventsPerSecond * WINDOW_MS) / 1000
  let [least, most] = [Number.POSITIVE_INFINITY, 0]
  for (let from = 0; from + WINDOW_MS <= durationMs; from += STEP_MS) {
    let events = 0
    for (const [ms, rows] of delivered) if (ms >= from && ms < from + WINDOW_MS) events += rows
    least = Math.min(least, events)
    most = Math.max(most, events)
  }
  return { least, most, off: Math.max(most / wanted - 1, 1 - least / wanted) }
}
