import type { Config } from '../../config/schema.ts'
import type { Batch as LakeBatch, Ports } from '../../ports/index.ts'
import type { Batch } from '../../simulator/batch.ts'
import { SECONDS_PER_DAY, type Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { repairLive } from '../history/repair.ts'
import { beginGeneration, coverWorld, removeSuperseded, writeBatch } from './layout.ts'

/** Rolled batches of one day that are merged into one. */
const MERGE_ROLLED = 16

/**
 * Delivers batches into the open generation, and rolls behind itself: the batches of a generation are merged while it goes on, then
 * a new one begins and a database is published that names both. Readers of any moment see each event once.
 */
export class LiveWriter {
  private readonly ports: Ports
  private readonly config: Config
  private readonly world: World
  private readonly rollEvery: number
  private generation = 0
  private inGeneration = 0
  private rolling: Promise<void> | undefined
  private turn: Promise<unknown> = Promise.resolve()
  private failure: unknown
  position: Second = 0
  batches = 0

  private constructor(ports: Ports, config: Config, world: World, rollEvery: number) {
    this.ports = ports
    this.config = config
    this.world = world
    this.rollEvery = rollEvery
  }

  /** Mends what is broken, and begins a generation at the position that was reached. */
  static async open(ports: Ports, config: Config, world: World, rollEvery: number): Promise<LiveWriter> {
    const writer = new LiveWriter(ports, config, world, rollEvery)
    await ports.lake.sweep()
    await repairLive(ports, world, config, await ports.lake.layout())
    writer.position = coverWorld(await ports.lake.layout(), world).live
    await writer.begin()
    return writer
  }

  /** Both tables of [position, to) become visible by one rename. */
  async write(to: Second, rows: Batch): Promise<void> {
    if (this.failure) throw this.failure
    await this.alone(async () => {
      await writeBatch(this.ports.lake, this.world, this.utc, this.generation, this.position, to, rows)
      this.position = to
      this.batches++
      this.inGeneration++
    })
    if (this.inGeneration >= this.rollEvery && !this.rolling) {
      this.rolling = this.roll()
        .catch((error) => (this.failure = error))
        .then(() => (this.rolling = undefined))
    }
  }

  async close(): Promise<void> {
    await this.rolling
    if (this.failure) throw this.failure
  }

  /** A batch, or the beginning of a generation, one at a time: a batch that lands in a generation just closed would be behind the next one's beginning. */
  private alone(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work)
    this.turn = done.catch(() => {})
    return done
  }

  private get utc(): boolean {
    return this.config.target === 'gcp'
  }

  private async begin(): Promise<void> {
    const { lake, warehouse, workspace } = this.ports
    // Between here and the publish, readers see all up to `position`; what is written meanwhile shows up with the publish.
    await this.alone(async () => {
      this.generation = await beginGeneration(lake, this.world, this.utc, await lake.layout(), this.position)
      this.inGeneration = 0
    })
    await warehouse.publish()
    await removeSuperseded(lake, workspace, coverWorld(await lake.layout(), this.world), Date.now())
  }

  private async roll(): Promise<void> {
    const { lake, warehouse } = this.ports
    const cover = coverWorld(await lake.layout(), this.world)
    const batches = [...cover.batches, ...cover.open].filter(({ from, to }) => to > from)
    for (const group of groupsToRoll(batches)) await warehouse.roll(group, group[0].from, group[group.length - 1].to)
    await this.begin()
  }
}

/** Neighbours of one day that are not rolled yet; and all of a day's once it has many rolled ones, so that files stay few. */
export function groupsToRoll(batches: readonly LakeBatch[]): LakeBatch[][] {
  const byDay = new Map<number, LakeBatch[]>()
  for (const batch of batches) {
    const day = Math.floor(batch.from / SECONDS_PER_DAY)
    byDay.set(day, [...(byDay.get(day) ?? []), batch])
  }
  const groups: LakeBatch[][] = []
  const today = Math.max(...byDay.keys())
  for (const [day, all] of byDay) {
    const rolled = all.filter(({ generation }) => generation === undefined)
    const whole = rolled.length >= MERGE_ROLLED || (day < today && all.length > 1)
    if (whole) groups.push(all)
    else groups.push(...stretches(all))
  }
  return groups.filter((group) => group.length > 1)
}

function stretches(batches: readonly LakeBatch[]): LakeBatch[][] {
  const groups: LakeBatch[][] = [[]]
  for (const batch of batches) {
    if (batch.generation === undefined) groups.push([])
    else groups[groups.length - 1].push(batch)
  }
  return groups
}
