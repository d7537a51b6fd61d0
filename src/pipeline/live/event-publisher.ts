import { eventsOf } from '../../encode/events.ts'
import type { Broker, Checkpoint, Position } from '../../ports/index.ts'
import type { Batch } from '../../simulator/batch.ts'
import { type FactName, facts } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { addCheckpoint } from './checkpoints.ts'

/** Each save is an object written, which is paid for: a stream costs five times as much at two seconds. A crash repeats so much. */
export const SAVE_SECONDS = 10

/**
 * Delivers batches to a broker. The position is saved behind what was accepted, never before it: after a crash the events of the last
 * seconds are sent again, and none is left out.
 */
export class EventPublisher {
  private readonly broker: Broker
  private readonly world: World
  private state: Position
  private saved: Second
  /** checkpoints that were saved; between two saves only the last instant counts */
  private kept: readonly Checkpoint[]
  private savedAt = performance.now()
  batches = 0

  private constructor(broker: Broker, world: World, state: Position) {
    this.broker = broker
    this.world = world
    this.state = state
    this.saved = state.position
    this.kept = state.checkpoints
  }

  /** Goes on where the last stream was, or where history ends if that is later; `resendFrom` goes back. */
  static async open(broker: Broker, world: World, history: Second, resendFrom?: Second): Promise<EventPublisher> {
    const before = await broker.position()
    const fresh: Position = { world: world.id, since: history, position: history, checkpoints: [] }
    const state = before && before.world === world.id && before.position >= history ? before : fresh
    const publisher = new EventPublisher(broker, world, resendFrom === undefined ? state : wentBack(state, resendFrom))
    // Before anything is sent: if another stream is at work, this says so.
    await publisher.save()
    return publisher
  }

  get position(): Second {
    return this.state.position
  }

  /** Everything of [position, to) is accepted by the broker when it resolves. */
  async write(to: Second, rows: Batch): Promise<void> {
    const { broker, world } = this
    await Promise.all(facts.map(({ name }) => broker.publish(name, world.id, eventsOf(world, name, rows))))
    const counted = this.counted()
    const next = {
      transactions: counted.transactions + rows.lines.n,
      inventories: counted.inventories + rows.movements.n,
    }
    this.state = {
      ...this.state,
      position: to,
      checkpoints: addCheckpoint(this.kept, { at: to, rows: next }),
    }
    this.batches++
    if (performance.now() - this.savedAt >= SAVE_SECONDS * 1000) await this.save()
  }

  async close(): Promise<void> {
    if (this.saved !== this.state.position) await this.save()
  }

  private counted(): Record<FactName, number> {
    return this.state.checkpoints.at(-1)?.rows ?? { transactions: 0, inventories: 0 }
  }

  private async save(): Promise<void> {
    await this.broker.savePosition(this.state)
    this.saved = this.state.position
    this.kept = this.state.checkpoints
    this.savedAt = performance.now()
  }
}

/** To the last checkpoint at or before an instant, since only there the rows are counted. */
function wentBack(state: Position, to: Second): Position {
  const checkpoints = state.checkpoints.filter(({ at }: Checkpoint) => at <= to)
  return { ...state, position: checkpoints.at(-1)?.at ?? state.since, checkpoints }
}
