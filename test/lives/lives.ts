import type { Disk } from '../../src/disk.ts'
import { Life, LifeFailure, type Struck, type Then } from './life.ts'
import { Targets } from './targets.ts'

export interface LivesOptions {
  seed: number
  /** No fault is injected after this time, however many operations are left. */
  forMs: number
  plant?: (disk: Disk) => Disk
  /** strikes these operations only */
  near?: RegExp
  /** stops at the first failure */
  untilFailure?: boolean
  /** is called after each step that was struck */
  onProgress?: (result: LivesResult) => void
}

export interface LivesResult {
  seed: number
  /** lives that were struck in one of their steps */
  lives: number
  /** operations of the undisturbed life */
  operations: number
  /** (operation, fault) pairs: in all, come about, and never met */
  targets: number
  hit: number
  missed: string[]
  failures: string[]
}

/** To live on is worth ten more faults in time, a verify two: the eyes look at all rows after every fault anyway. */
const thenOf = (lives: number): Then => (lives % 16 === 0 ? 'live on' : lives % 4 === 0 ? 'verify' : 'end')

/** Strikes the life of a seed, one step at a time, until every operation was struck by everything. */
export async function liveOn({
  seed,
  forMs,
  plant,
  near,
  untilFailure = false,
  onProgress,
}: LivesOptions): Promise<LivesResult> {
  const started = performance.now()
  using life = await Life.open(seed, plant)
  const targets = new Targets(seed, life.operations, near)
  const failures: string[] = []
  const timeIsUp = () => performance.now() - started >= forMs
  let lives = 0
  const result = (): LivesResult => ({
    ...{ seed, lives, failures },
    operations: life.operations.reduce((sum, { length }) => sum + length, 0),
    ...{ targets: targets.total, hit: targets.hit, missed: targets.missed },
  })
  while (targets.left > 0 && !timeIsUp()) {
    const { step, strike, settle } = targets.next(timeIsUp)
    try {
      settle(await life.strike(step, strike, thenOf(lives++)))
    } catch (error) {
      if (!(error instanceof LifeFailure)) throw error
      settle(error.struck)
      const blows = await fewest(life, step, error.struck)
      failures.push(`RETAIL_LIFE='${JSON.stringify({ seed, step, struck: blows })}'\n${error.message}`)
      if (untilFailure) break
    }
    onProgress?.(result())
  }
  return result()
}

/** The last blow alone, if it does it; else all. */
async function fewest(life: Life, step: number, struck: Struck): Promise<Struck> {
  const last = struck.slice(-1)
  try {
    await life.strike(step, (attempt) => last[attempt]?.blow, 'live on')
    return struck
  } catch {
    return last
  }
}

/** Lives a life again, as RETAIL_LIFE tells it. */
export async function liveAgain(text: string): Promise<void> {
  const { seed, step, struck } = JSON.parse(text) as { seed: number; step: number; struck: Struck }
  using life = await Life.open(seed)
  await life.strike(step, (attempt) => struck[attempt]?.blow, 'live on')
}
