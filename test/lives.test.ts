import { describe, expect, test } from 'vitest'
import { type LivesResult, liveAgain, liveOn } from './lives/lives.ts'
import { PLANTED } from './lives/planted.ts'

/**
 * Simulates whole lives of a workspace in this process, on a simulated disk: a kill, an error, and a power loss at every
 * operation. RETAIL_LIFE repeats a life that a failure printed. RETAIL_LIVES_MINUTES sets the duration, and RETAIL_LIVES_SEEDS
 * the maximum number of seeds (`make soak`).
 */
const again = process.env.RETAIL_LIFE
const minutes = Number(process.env.RETAIL_LIVES_MINUTES ?? 0.5)
const SEED = Number(process.env.RETAIL_LIVES_SEED ?? 1)
const SEEDS = Number(process.env.RETAIL_LIVES_SEEDS ?? Number.POSITIVE_INFINITY)

test.runIf(again)('the life in RETAIL_LIFE', () => liveAgain(again!), 600_000)

describe.skipIf(again)('lives of a workspace', () => {
  test(
    `end exact, whatever goes wrong at any operation (${minutes} minutes)`,
    async () => {
      const endAt = performance.now() + minutes * 60_000
      const results: LivesResult[] = []
      process.stderr.write(HEAD)
      for (let seed = SEED; seed < SEED + SEEDS && performance.now() < endAt; seed++) {
        results.push(await liveOn({ seed, forMs: endAt - performance.now(), onProgress: everyMinute() }))
        process.stderr.write(rowOf(results[results.length - 1]))
      }
      expect(results.flatMap(({ failures }) => failures)).toEqual([])
      expect(results[0].hit).toBeGreaterThan(0)
    },
    minutes * 60_000 + 120_000,
  )

  test.each(Object.entries(PLANTED))('do not survive when %s', async (_name, { plant, near }) => {
    const { failures } = await liveOn({ seed: SEED, forMs: 300_000, plant, near, untilFailure: true })
    expect(failures).toHaveLength(1)
  })
})

const HEAD =
  '| seed | lives | operations | faults that occurred | not reached | failures |\n| --: | --: | --: | --: | --: | --: |\n'

const rowOf = ({ seed, lives, operations, targets, hit, missed, failures }: LivesResult): string =>
  `| ${[seed, lives, operations, `${hit} of ${targets}`, missed.length, failures.length].join(' | ')} |\n`

/** Hours may pass before a seed is done; a failure is told at once. */
function everyMinute(): (result: LivesResult) => void {
  let [told, failed] = [performance.now(), 0]
  return (result) => {
    for (const failure of result.failures.slice(failed)) process.stderr.write(`${failure}\n`)
    failed = result.failures.length
    if (performance.now() - told < 60_000) return
    told = performance.now()
    process.stderr.write(rowOf(result))
  }
}
