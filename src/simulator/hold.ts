import { SECONDS_PER_DAY, type Second } from '../time.ts'
import type { World } from '../world/world.ts'
import { Batch } from './batch.ts'
import { simulateHour, type Traveller } from './block.ts'

/** Called with the states at each hour, before it is simulated, and the rows of the hour before. */
export type OnHour = (hour: number, travellers: readonly Traveller[], rows: number) => void

/**
 * The timeline, simulated an hour ahead and let out second by second. What was simulated and is not due yet is held: per run (a
 * store's hour) a pointer into its lines and one into its movements, both in time order.
 */
export class HeldTimeline {
  private readonly world: World
  private readonly travellers: readonly Traveller[]
  private readonly held: Batch
  private lineAt = new Int32Array(0)
  private lineEnd = new Int32Array(0)
  private movementAt = new Int32Array(0)
  private movementEnd = new Int32Array(0)
  /** everything before it was let out */
  position: Second

  private readonly onHour: OnHour | undefined

  /** Travellers stand at the hour that holds `position`, or at an earlier one. */
  constructor(world: World, travellers: readonly Traveller[], position: Second, onHour?: OnHour) {
    this.onHour = onHour
    this.world = world
    this.travellers = travellers
    this.held = new Batch(world.schema === 'extended', 1 << 14)
    this.position = position
    const hour = Math.floor(position / 3600)
    for (const traveller of travellers) {
      while (traveller.hour < hour) {
        simulateHour(world, traveller, this.held)
        if (this.held.movements.n > 1 << 16) this.held.clear()
      }
    }
    this.held.clear()
    this.simulateNext()
    // Rows of this hour that were let out in an earlier life.
    this.take(position, undefined)
  }

  /** Where the simulation stands: the end of the hour held. */
  get simulatedUntil(): Second {
    return this.travellers[0].hour * 3600
  }

  /** Appends everything before `until` that was not let out yet; in run order, hour by hour. */
  advanceTo(until: Second, out: Batch): void {
    while (this.simulatedUntil < until) {
      this.take(this.simulatedUntil, out)
      this.position = this.simulatedUntil
      this.simulateNext()
    }
    this.take(until, out)
    this.position = Math.max(this.position, until)
  }

  private simulateNext(): void {
    const { held } = this
    const rows = held.lines.n + held.movements.n
    held.clear()
    this.onHour?.(this.travellers[0].hour, this.travellers, rows)
    for (const traveller of this.travellers) simulateHour(this.world, traveller, held)
    const { runs } = held
    if (this.lineAt.length < runs.n) {
      this.lineAt = new Int32Array(runs.n * 2)
      this.lineEnd = new Int32Array(runs.n * 2)
      this.movementAt = new Int32Array(runs.n * 2)
      this.movementEnd = new Int32Array(runs.n * 2)
    }
    let [line, movement] = [0, 0]
    for (let run = 0; run < runs.n; run++) {
      this.lineAt[run] = line
      this.lineEnd[run] = line += runs.lines[run]
      this.movementAt[run] = movement
      this.movementEnd[run] = movement += runs.movements[run]
    }
  }

  /** Moves the pointers up to `until`; what they pass is appended to `out`, or dropped. */
  private take(until: Second, out: Batch | undefined): void {
    const { held, lineAt, lineEnd, movementAt, movementEnd } = this
    const { runs, lines, movements } = held
    for (let run = 0; run < runs.n; run++) {
      const second = until - runs.day[run] * SECONDS_PER_DAY
      const line = lineAt[run]
      const movement = movementAt[run]
      let lineTo = line
      let movementTo = movement
      while (lineTo < lineEnd[run] && lines.second[lineTo] < second) lineTo++
      while (movementTo < movementEnd[run] && movements.second[movementTo] < second) movementTo++
      if (out && (lineTo > line || movementTo > movement)) {
        out.append(held, run, line, lineTo, lineEnd[run], movement, movementTo, movementEnd[run])
      }
      lineAt[run] = lineTo
      movementAt[run] = movementTo
    }
  }
}
