import { createHash } from 'node:crypto'
import type { Malformation } from '../../config/fault-kinds.ts'
import type { RowForm } from '../../encode/row-layout.ts'
import { type Fates, Form, malformationOf, SentBatch, sentPagesOf } from '../../faults/index.ts'
import type { ColumnBatch } from '../../simulator/column-batch.ts'
import { type FactName, indexOfFact } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import type { World } from '../../world/world.ts'

/** An event that was damaged on its way. */
export interface DamagedEvent {
  /** The id that it had. */
  id: string
  form: Malformation
  /** When it arrived. */
  at: Second
  table: FactName
  /** Of the bytes that were sent, in each form in which events can be damaged. */
  sha256: string[]
  /** The first bytes, each as a character. */
  body: string
  /** All bytes of each form, each as a character; none of a long one. */
  bodies: string[]
  /** The integers of the columns that are compared, as they were before the damage. */
  integers: number[]
}

/** Events whose bodies are looked at, of a block of stores; of more, only the number is known. */
const MOST = 20_000
const BODY_BYTES = 400
const AT_ONCE = 256
/** As messages, and as lines of files. */
const FORMS: readonly RowForm[] = ['event', 'ndjson']

/** Collects the damaged events of a table, in a thread. */
export class Damaged {
  readonly events: DamagedEvent[] = []
  /** Ids of those that can be read, and are rows. */
  readonly rows: string[] = []
  /** Those beyond the most. */
  further = 0
  private readonly world: World
  private readonly table: FactName
  private readonly fates: Fates
  private batch: SentBatch
  private waiting: Omit<DamagedEvent, 'sha256' | 'body' | 'bodies'>[] = []

  constructor(world: World, table: FactName, fates: Fates) {
    this.world = world
    this.table = table
    this.fates = fates
    this.batch = new SentBatch(world, fates)
  }

  /** A row of a batch as it was before any fault. */
  add(
    from: ColumnBatch,
    of: { id: string; row: number; store: number; day: number; number: number; at: Second; key: number },
    integers: number[],
  ): void {
    if (this.events.length + this.waiting.length >= MOST) {
      this.further++
      return
    }
    const { row, store, day, number, at } = of
    const fact = indexOfFact(this.table)
    this.batch.add(at, from, fact, row, store, day, number, Form.malformed)
    this.waiting.push({ table: this.table, id: of.id, form: malformationOf(this.fates, of.key), at, integers })
    if (this.waiting.length >= AT_ONCE) this.flush()
  }

  flush(): void {
    const bodies = FORMS.map((form) => [...this.bodies(form)])
    for (const [i, event] of this.waiting.entries()) {
      const [body] = bodies.map((of) => of[i])
      this.events.push({
        ...event,
        sha256: bodies.map((of) => createHash('sha256').update(of[i]).digest('hex')),
        body: body.toString('latin1', 0, BODY_BYTES),
        bodies: bodies.flatMap((of) => (of[i].length <= BODY_BYTES ? of[i].toString('latin1') : [])),
      })
    }
    this.waiting = []
    this.batch.clear()
  }

  private *bodies(form: RowForm): Generator<Buffer> {
    for (const { n, bytes, starts } of sentPagesOf(this.world, this.batch, form, [this.table]))
      for (let i = 0; i < n; i++) yield Buffer.from(bytes.subarray(starts[i], starts[i + 1] - 1))
  }
}
