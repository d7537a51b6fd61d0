import { clock } from '../../clock.ts'
import type { LakeBatch, LiveByLake, Ports } from '../../ports/index.ts'
import type { ColumnBatch } from '../../simulator/column-batch.ts'
import { SECONDS_PER_DAY, type Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { type Rebuilt, repairLive } from '../history/repair.ts'
import { beginGeneration, writeBatch } from './batches.ts'
import { coverWorld, removeSuperseded } from './layout.ts'

/** The time after which a generation is rolled: other programs read events from the tables' folders then. */
const ROLL_MS = 50_000

/** Number of rolled batches of one day that are merged into one. */
const MERGE_ROLLED = 16

/**
 * Delivers batches into the open generation, and rolls closed ones: the batches of a generation are merged while the
 * stream continues, then a new generation starts, and a publish names both. Readers see each event once at any moment.
 */
export class LiveWriter {
  private readonly ports: Ports
  private readonly live: LiveByLake
  private readonly world: World
  private readonly rollEvery: number
  private generation = 0
  private inGeneration = 0
  private begunAt = clock.elapsed()
  private rolling: Promise<void> | undefined
  private turn: Promise<unknown> = Promise.resolve()
  private failure: unknown
  position: Second = 0
  batches = 0
  /** Batches that were missing or damaged when the stream started. */
  rebuilt: readonly Rebuilt[] = []

  private constructor(ports: Ports, live: LiveByLake, world: World, rollEvery: number) {
    this.ports = ports
    this.live = live
    this.world = world
    this.rollEvery = rollEvery
  }

  /** Repairs damaged batches, and starts a generation at the current position. */
  static async open(ports: Ports, live: LiveByLake, world: World, rollEvery: number): Promise<LiveWriter> {
    const writer = new LiveWriter(ports, live, world, rollEvery)
    await ports.lake.sweep()
    writer.rebuilt = await repairLive(ports, world, await ports.lake.layout())
    writer.position = coverWorld(await ports.lake.layout(), world).live
    await writer.begin()
    return writer
  }

  /** Both tables of [position, to) become visible by one rename. */
  async write(to: Second, rows: ColumnBatch): Promise<void> {
    if (this.failure) throw this.failure
    await this.alone(async () => {
      await writeBatch(this.ports.lake, this.world, this.generation, this.position, to, rows)
      this.position = to
      this.batches++
      this.inGeneration++
    })
    const isDue = this.inGeneration >= this.rollEvery || clock.elapsed() - this.begunAt >= ROLL_MS
    if (isDue && !this.rolling) {
      this.rolling = this.roll()
        .catch((error) => (this.failure = error))
        .then(() => (this.rolling = undefined))
    }
  }

  /** Rolls what is not rolled yet, so that other programs find the last events, too. */
  async close(): Promise<void> {
    await this.rolling
    if (this.failure) throw this.failure
    if ((await this.groups()).length > 0) await this.roll()
  }

  async abandon(): Promise<void> {
    await this.rolling
  }

  /**
   * Writes a batch or starts a generation, one at a time: a batch that lands in a generation that was just closed would
   * be behind the start of the next one.
   */
  private alone(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work)
    // The caller gets the error of its own turn; the next turn comes all the same.
    this.turn = done.catch(() => {})
    return done
  }

  private async begin(): Promise<void> {
    const { lake, warehouse } = this.ports
    // Between here and the publish, readers see everything up to `position`; batches written in the meantime become
    // visible with the publish.
    await this.alone(async () => {
      this.generation = await beginGeneration(lake, this.world, await lake.layout(), this.position)
      this.inGeneration = 0
      this.begunAt = clock.elapsed()
    })
    await warehouse.publish()
    await removeSuperseded(this.ports, this.world)
  }

  private async roll(): Promise<void> {
    for (const group of await this.groups()) await this.live.roll(group, group[0].from, group[group.length - 1].to)
    await this.begin()
  }

  private async groups(): Promise<LakeBatch[][]> {
    const cover = coverWorld(await this.ports.lake.layout(), this.world)
    return groupsToRoll([...cover.batches, ...cover.open].filter(({ from, to }) => to > from))
  }
}

/**
 * Adjacent batches of one day that are not rolled yet; and all batches of a day that has many rolled ones, so that the
 * number of files stays small.
 */
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
    else groups.push(...runsOfBatches(all))
  }
  // One that is not rolled is rolled alone, because it is only then in the table's folder.
  return groups.filter(([first, second]) => second !== undefined || first?.generation !== undefined)
}

function runsOfBatches(batches: readonly LakeBatch[]): LakeBatch[][] {
  const groups: LakeBatch[][] = [[]]
  for (const batch of batches) {
    if (batch.generation === undefined) groups.push([])
    else groups[groups.length - 1].push(batch)
  }
  return groups
}
