import path from 'node:path'
import { openLocal } from '../../src/adapters/local/index.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { RetailError } from '../../src/errors.ts'
import { backfill } from '../../src/pipeline/backfill.ts'
import { planInit, writeInit } from '../../src/pipeline/init.ts'
import { pack } from '../../src/pipeline/pack.ts'
import { repair } from '../../src/pipeline/repair.ts'
import { seedDims } from '../../src/pipeline/seed-dims.ts'
import { stream } from '../../src/pipeline/stream.ts'
import { verify } from '../../src/pipeline/verify.ts'
import type { Ports, Shard } from '../../src/ports/index.ts'
import { keyedRng } from '../../src/random/rng.ts'
import { type Day, formatDay, parseDay, SECONDS_PER_DAY, type Second } from '../../src/time.ts'
import { simulatedClock } from './clock.ts'
import { buildMarts } from './marts.ts'

/** A command of a life, the way a process runs it: it opens everything again, and reports success. */
export interface Step {
  name: string
  run(): Promise<void>
}

type Command = (ports: Ports, config: Config) => Promise<unknown>

/** Seconds of the timeline a second: a flush every quarter of one takes four hours. */
const SPEED = 60_000

/** What a workspace goes through, from `init` to `verify`: history, stream over days and rolls, marts, a longer history, shards. */
export function lifeOf(seed: number, folder: string): Step[] {
  const rng = keyedRng(seed, 0, 0)
  // Any day of the year, so that lives meet month ends, a leap day and both changes of the clocks.
  const from = parseDay('2024-01-01')! + rng.below(366)
  const first = from + 1 + rng.below(2)
  const longer = first + 2 + rng.below(2)
  const world = { stores: 2 + rng.below(2), products: 10 + rng.below(8), lines: 2 + rng.below(8) }
  const at = (day: Day, hour: number): Second => day * SECONDS_PER_DAY + hour * 3600 + rng.below(3600)

  const step = (name: string, command: Command): Step => ({
    name,
    async run() {
      const { config } = loadConfig({ cwd: folder, env: {}, workspace: folder })
      await using ports = openLocal(config)
      await command(ports, config)
    },
  })
  const init = (to: Day): Step => ({
    name: `init --to ${formatDay(to)}`,
    async run() {
      const values = {
        seed,
        'world.stores': world.stores,
        'world.products': world.products,
        'world.lines_per_store_day': world.lines,
        'history.from': formatDay(from),
        'history.to': formatDay(to),
      }
      writeInit(folder, planInit(folder, values))
    },
  })
  const fill = (shard?: Shard): Step =>
    step(shard ? `backfill --shard ${shard.index + 1}/${shard.count}` : 'backfill', (ports, config) =>
      backfill(ports, config, { workers: 0, shard }),
    )
  const flow = (until: Second, rollEvery: number): Step =>
    step('stream', (ports, config) => stream(ports, config, { until, rollEvery, speed: SPEED }))
  const transform = step('transform', async (ports) => {
    const { dbt } = ports.warehouse
    if (!dbt.can) throw new Error(dbt.why)
    await using build = await dbt.openBuild()
    await buildMarts(build.env)
    await build.publish([])
  })
  const later: Step = {
    name: 'eleven minutes pass',
    async run() {
      await simulatedClock.sleep(11 * 60_000)
    },
  }
  return [
    init(first),
    step('seed-dims', (ports, config) => seedDims(ports, config, {})),
    fill(),
    flow(at(first + 1, 14), 2 + rng.below(3)),
    transform,
    flow(at(longer, 20), 3),
    init(longer),
    ...(rng.below(2) === 0 ? [fill()] : [fill({ index: 0, count: 2 }), fill({ index: 1, count: 2 })]),
    flow(at(longer + 1, 3), 2),
    later,
    transform,
    later,
    step('pack', async (ports, config) => {
      const { rows } = await pack(ports, config, { out: path.join(folder, 'packed.duckdb'), force: true })
      if (rows === 0) throw new Error('there is nothing in it')
    }),
    flow(at(longer + 2, 9), 3),
    step('repair', async (ports, config) => {
      const { repaired } = await repair(ports, config, { workers: 0 })
      if (repaired.length > 0) throw new RetailError('wrong_data', `repair: ${JSON.stringify(repaired)}`)
    }),
    checked(step),
  ]
}

function checked(step: (name: string, command: Command) => Step): Step {
  return step('verify', async (ports, config) => {
    const { ok, differences } = await verify(ports, config, { workers: 0 })
    if (!ok) throw new RetailError('wrong_data', `verify: ${JSON.stringify(differences.slice(0, 3))}`)
  })
}
