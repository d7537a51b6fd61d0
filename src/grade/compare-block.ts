import { beginBlock, simulateDays } from '../simulator/block.ts'
import { ColumnBatch } from '../simulator/column-batch.ts'
import { endBefore } from '../simulator/within-second.ts'
import { type FactName, indexOfFact } from '../tables/index.ts'
import { type Day, SECONDS_PER_DAY, type Second } from '../time.ts'
import { MODULUS, noSums, type Sums } from '../truth/checksum.ts'
import { yymmdd } from '../truth/integers.ts'
import { type SumRows, sumSomeRows } from '../truth/sum-rows.ts'
import type { Block } from '../world/blocks.ts'
import type { World } from '../world/world.ts'
import { type BlockFaults, FaultySide, type FaultySums } from './faults/compare-faulty.ts'
import type { FaultTerms } from './faults/expected.ts'
import type { TimesMemory } from './faults/newest.ts'
import { taken } from './forms.ts'
import { type Days, type FoundSums, State, sumsIn } from './found.ts'
import { type Budget, Keeper, type KeptRows, Sampling } from './kept.ts'

/** What every thread needs to compare found sums with the truth. */
export interface CompareJob {
  tables: readonly {
    table: FactName
    columns: readonly string[]
    memory: SharedArrayBuffer
    times?: TimesMemory | undefined
  }[]
  days: Days
  /** Compare only these days; default: all. */
  only?: ReadonlySet<Day>
  /** Keep the rows of store-days of which nothing was found, or that were found several times as a whole, too. */
  rowByRow?: boolean
  /** Rows of [from, until) must be there; rows before and after them may be there, if they are right. */
  from: Second
  until: Second
  level: SharedArrayBuffer
  budget: Budget
  /** What was done to the events on their way. */
  terms?: FaultTerms | undefined
}

/** What a block adds to the result of a table. */
export interface BlockTally {
  table: FactName
  /** Rows that must be there. */
  expected: number
  /** Rows of store-days of which nothing was found. */
  absent: number
  /** Surplus rows of store-days that were found two or more times as a whole. */
  repeated: number
  /** Right rows at or after `until`, or before `from`. */
  beside: number
  kept?: KeptRows
  faults?: BlockFaults
}

interface Side {
  table: FactName
  /** Its index into `facts`. */
  fact: number
  found: FoundSums
  sum: SumRows
  keeper: Keeper
  tally: BlockTally
  faulty: FaultySide | undefined
}

/** Functions are generated once per world and thread. */
const generated = new WeakMap<World, Map<string, SumRows>>()
function sumOf(world: World, table: FactName, columns: readonly string[]): SumRows {
  let known = generated.get(world)
  if (!known) generated.set(world, (known = new Map()))
  const key = `${table} ${columns}`
  let sum = known.get(key)
  if (!sum) known.set(key, (sum = sumSomeRows(world, table, taken(table, new Set(columns)))))
  return sum
}

/** Simulates a block once, compares each of its store-days with what was found, and keeps the rows of those that differ. */
export function compareBlock(
  world: World,
  block: Block,
  job: CompareJob,
  stop: () => boolean,
): BlockTally[] | undefined {
  const { days } = job
  const sampling = new Sampling(job.level, job.budget)
  const sides = job.tables.map(
    ({ table, columns, memory, times }): Side => ({
      table,
      fact: indexOfFact(table),
      found: sumsIn(memory),
      sum: sumOf(world, table, columns),
      keeper: new Keeper(table, world.schema, sampling),
      tally: { table, expected: 0, absent: 0, repeated: 0, beside: 0 },
      faulty: job.terms && times && new FaultySide(world, table, columns, job.terms, job, times),
    }),
  )
  const cursor = beginBlock(world, block)
  const batch = new ColumnBatch(world.schema === 'extended', 1 << 14)
  for (let day = days.from; day < days.end; day++) {
    if (stop()) return undefined
    simulateDays(world, cursor, day + 1, batch)
    if (!job.only || job.only.has(day)) for (const side of sides) compareDay(world, batch, side, job)
    batch.clear()
  }
  return sides.map(({ tally, keeper, faulty }) => {
    return { ...tally, kept: keeper.take(), ...(faulty && { faults: faulty.take() }) }
  })
}

function compareDay(world: World, batch: ColumnBatch, side: Side, job: CompareJob): void {
  const { spans } = batch
  const { rows, length, first } = batch.facts[side.table]
  const { found, tally } = side
  for (let at = 0, row = 0; at < spans.n; row += length[at++]) {
    const [day, store, n] = [spans.day[at], spans.store[at], length[at]]
    if (n === 0) continue
    const midnight = day * SECONDS_PER_DAY
    const index = (day - job.days.from) * world.stores.count + store
    const add = (from: number, end: number, result: Sums) =>
      side.sum(rows, row + from, row + end, first[at] + from, yymmdd(day), store + 1, midnight, result)
    const sums = (from: number, end: number): Sums => {
      const result = noSums()
      add(from, end, result)
      return result
    }
    const keep = (from: number, end: number) =>
      side.keeper.add(batch, { index, store, day, first: first[at], row, length: n, from, end })
    if (side.faulty) {
      const place = { store, day, row, n, first: first[at] }
      const sums = side.faulty.enter(batch, place, add)
      tally.expected += sums.must.rows
      found.state[index] = faultyState(found, index, sums, tally)
      if (found.state[index] === State.differs) keep(0, n)
      else side.faulty.leave(batch, place, found.counts[index], sums)
      continue
    }
    let [from, end] = [0, n]
    while (from < n && midnight + rows.second[row + from] < job.from) from++
    if (midnight + SECONDS_PER_DAY > job.until)
      end =
        endBefore(
          rows.second,
          { stores: world.stores.count, fact: side.fact, store, from: row + from, end: row + n, midnight },
          job.until,
        ) - row
    tally.expected += end - from
    const isWhole = from === 0 && end === n
    const state = isWhole
      ? stateOf(found, index, sums(0, n), tally)
      : partOf(found, index, sums(from, end), () => sums(0, n), tally)
    found.state[index] = state === State.equal || !job.rowByRow ? state : State.differs
    if (found.state[index] === State.differs) keep(from, end)
  }
}

const isEqual = (found: FoundSums, index: number, { rows, a, b }: Sums, times = 1): boolean =>
  found.counts[index] === rows * times &&
  found.a[index] === (a * times) % MODULUS &&
  found.b[index] === (b * times) % MODULUS

function stateOf(found: FoundSums, index: number, sums: Sums, tally: BlockTally): number {
  const count = found.counts[index]
  if (count === 0) {
    tally.absent += sums.rows
    return State.absent
  }
  const reduced = { rows: sums.rows, a: sums.a % MODULUS, b: sums.b % MODULUS }
  if (isEqual(found, index, reduced)) return State.equal
  const times = count / sums.rows
  if (!Number.isInteger(times) || times > 1_000_000 || !isEqual(found, index, reduced, times)) return State.differs
  tally.repeated += count - sums.rows
  return State.repeated
}

/** After faults: what must be there, or what may be there, or neither. */
function faultyState(found: FoundSums, index: number, sums: FaultySums, tally: BlockTally): number {
  const { must, may, isLate, isAgain } = sums
  // Faults befall events one by one; only if all of them were late, that may explain why none is there.
  if (found.counts[index] === 0 && isLate) return State.differs
  // A restart may repeat all of them, and each is looked at.
  if (found.counts[index] > must.rows && isAgain) return State.differs
  return must.rows === may.rows && must.rows > 0
    ? stateOf(found, index, must, tally)
    : partOf(found, index, must, () => may, tally)
}

/** Of a store-day that only begins or ends within the period: all of it may be there, or what must be. */
function partOf(found: FoundSums, index: number, needed: Sums, all: () => Sums, tally: BlockTally): number {
  if (found.counts[index] === 0) {
    tally.absent += needed.rows
    return needed.rows === 0 ? State.equal : State.absent
  }
  if (isEqual(found, index, { rows: needed.rows, a: needed.a % MODULUS, b: needed.b % MODULUS })) return State.equal
  const sums = all()
  if (!isEqual(found, index, { rows: sums.rows, a: sums.a % MODULUS, b: sums.b % MODULUS })) return State.differs
  tally.beside += sums.rows - needed.rows
  return State.equal
}
