import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { keyedRng } from '../src/random/rng.ts'
import { json, start } from './tool.ts'

/**
 * kill -9 at random moments. RETAIL_CHAOS_SEED picks the moments; it is printed when something is wrong.
 * CONTRIBUTING.md names the planted bug that these tests find.
 */
export const SEED = Number(process.env.RETAIL_CHAOS_SEED ?? 1)

export const KILLED_WORLD = { stores: 30, products: 200, lines: 60, to: '2024-03-31' }

export interface Killer {
  /** a whole number below `bound` */
  below(bound: number): number
  /** Kills the command after a random time, in ms; true when it was still running. */
  killed(folder: string, line: string, within: readonly [number, number]): Promise<boolean>
}

/** How long `retail --version` takes on a machine that does nothing else, and how many times longer is waited at most. */
const [START_MS, SLOWEST] = [120, 4]

/** How many times slower processes start here and now: beside other tests, kills that came too early would hit nothing. */
async function slownessOf(folder: string): Promise<number> {
  const began = performance.now()
  await start(folder, '--version').ended
  return Math.min(SLOWEST, Math.max(1, (performance.now() - began) / START_MS))
}

/** Each phase has a random stream of its own, so that one does not move the kills of another. */
export function killer(phase: number): Killer {
  const rng = keyedRng(SEED, phase, 0)
  let slowness: Promise<number> | undefined
  return {
    below: (bound) => rng.below(bound),
    async killed(folder, line, [least, most]) {
      const scale = await (slowness ??= slownessOf(folder))
      const child = start(folder, line)
      const timer = setTimeout(() => child.kill('SIGKILL'), scale * (least + rng.below(most - least)))
      const { code, signal, stderr } = await child.ended
      clearTimeout(timer)
      if (signal !== 'SIGKILL') expect(code, `seed ${SEED}: retail ${line}\n${stderr}`).toBe(0)
      return signal === 'SIGKILL'
    },
  }
}

export async function verified(folder: string): Promise<void> {
  const result = await json<{ ok: boolean; differences: unknown[] }>(folder, 'verify')
  expect(result.differences, `seed ${SEED}`).toEqual([])
  expect(result.code).toBe(0)
}

/** Batches of which readers would see one table: the next stream would repair them, but there must never be one. */
export function halfBatches(folder: string): string[] {
  const live = path.join(folder, 'lake/live')
  if (!existsSync(live)) return []
  return readdirSync(live)
    .flatMap((generation) =>
      readdirSync(path.join(live, generation)).map((batch) => path.join(live, generation, batch)),
    )
    .filter((batch) => readdirSync(batch).length !== 2)
}
