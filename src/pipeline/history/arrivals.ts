import { type FaultKind, type FaultProfile, VERSIONED } from '../../config/fault-kinds.ts'
import { refuseKinds } from '../../config/faults.ts'
import { type Fates, FaultyTimeline, SentBatch, sentPagesOf } from '../../faults/index.ts'
import type { ByteSink } from '../../ports/index.ts'
import type { ColumnBatch } from '../../simulator/column-batch.ts'
import { LiveTimeline } from '../../simulator/live-timeline.ts'
import type { FactName, FileFormat } from '../../tables/index.ts'
import { type Day, SECONDS_PER_DAY, SECONDS_PER_HOUR } from '../../time.ts'
import type { Block } from '../../world/blocks.ts'
import type { World } from '../../world/world.ts'
import { checkDrift } from '../faults.ts'
import { type Snapshots, stateAt } from './snapshots.ts'

const TYPED: readonly FaultKind[] = ['malformed', 'drift', ...VERSIONED]
const CANNOT_HOLD: Record<FileFormat, readonly FaultKind[]> = {
  // A time is written as one of the day in its id.
  parquet: [...TYPED, 'skew'],
  csv: TYPED,
  ndjson: [],
}

/** Before anything is written. */
export function refuseFaults(world: World, format: FileFormat, profile: FaultProfile): void {
  checkDrift(world, profile)
  refuseKinds(`--format ${format}`, profile, CANNOT_HOLD[format], (kinds) =>
    kinds.every((kind) => kind === 'skew')
      ? 'its times are on the days of their ids; --format ndjson has any'
      : 'its columns are fixed; --format ndjson takes any event',
  )
}

/**
 * What arrives of the events of a block, day by day: a part has the copies that arrive in its days, in order of arrival.
 * What is on its way at the first day is computed again, so it makes no difference which part was made before.
 */
export class Arrivals {
  private readonly timeline: FaultyTimeline
  private readonly batch: SentBatch

  private constructor(world: World, fates: Fates, timeline: FaultyTimeline) {
    this.timeline = timeline
    this.batch = new SentBatch(world, fates)
  }

  /** `origin`: the first day of the export, whose events are the first ones that were sent. */
  static async open(
    world: World,
    block: Block,
    fates: Fates,
    { origin, day }: { origin: Day; day: Day },
    snapshots: Snapshots,
  ): Promise<Arrivals> {
    const at = { origin: origin * SECONDS_PER_DAY, position: day * SECONDS_PER_DAY }
    const timeline = await FaultyTimeline.open(world, fates, at, async (second) => {
      const cursor = await stateAt(world, block, Math.floor(second / SECONDS_PER_HOUR), snapshots)
      return LiveTimeline.open(world, [cursor], second)
    })
    return new Arrivals(world, fates, timeline)
  }

  /** The day whose copies come next. */
  get day(): Day {
    return this.timeline.position / SECONDS_PER_DAY
  }

  /** Adds what arrives on the days to `through` to writers, in groups of at least that many sale lines. */
  write(through: Day, lines: number, writers: readonly { add(batch: ColumnBatch): void }[]): void {
    const { timeline, batch } = this
    const flush = () => {
      for (const writer of writers) writer.add(batch)
      batch.clear()
    }
    batch.clear()
    for (let day = this.day; day <= through; day++) {
      if (batch.facts.transactions.rows.n >= lines) flush()
      timeline.advanceTo((day + 1) * SECONDS_PER_DAY, batch)
    }
    flush()
  }
}

/** Copies of the events of a fact → a text file with one of them in each line. */
export class ArrivalsWriter {
  rows = 0
  private readonly sink: ByteSink
  private readonly world: World
  private readonly table: FactName
  private readonly format: 'csv' | 'ndjson'

  constructor(sink: ByteSink, world: World, table: FactName, format: 'csv' | 'ndjson', head: string) {
    this.sink = sink
    this.world = world
    this.table = table
    this.format = format
    if (head) sink.write([Buffer.from(head)])
  }

  add(batch: ColumnBatch): void {
    for (const { n, bytes } of sentPagesOf(this.world, batch as SentBatch, this.format, [this.table])) {
      this.sink.write([bytes])
      this.rows += n
    }
  }

  /** A text file has no footer. */
  close(): void {}
}
