import type { ExportPorts } from '../../ports/index.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { byFact, sumOfFacts } from '../../tables/index.ts'
import { formatMonth } from '../../time.ts'
import { memoryOfWeeks } from '../../world/world.ts'
import { estimateRows, shapeOf } from '../estimate.ts'
import { openPool } from '../workers.ts'
import type { BlockTask, FaultyPlace, PartDone } from './block-task.ts'
import type { BackfillProgress, BackfillResult } from './result.ts'
import { partCount, type Scope, storesOf } from './scope.ts'

export interface CrewOptions {
  /** The folder of an export, which each thread opens itself. */
  out?: FaultyPlace | undefined
  /** On abort, threads finish their current parts. */
  signal?: AbortSignal
  onProgress?: (progress: BackfillProgress) => void
}

type Made = Pick<
  BackfillResult,
  'parts' | 'rows' | 'sizeBytes' | 'total' | 'seconds' | 'rowsPerSecond' | 'peakRssBytes' | 'complete'
>

/**
 * The threads of a backfill. They take a while to start, so open them before the lock is taken and the lake is read.
 */
export interface Crew extends AsyncDisposable {
  /** Generates all parts of the tasks that are missing or damaged. Can be called once: its threads end with it. */
  make(tasks: readonly BlockTask[]): Promise<Made>
}

export function openCrew(
  { lake, workspace }: Pick<ExportPorts, 'lake' | 'workspace'>,
  scope: Scope,
  { out, signal, onProgress }: CrewOptions,
): Crew {
  const start = performance.now()
  const { config, world, shard, period } = scope
  const pool = openPool<BlockTask, PartDone>({
    worker: 'history/backfill-worker',
    open: { config, out, weeks: memoryOfWeeks(world, period.to + 1) },
    workers: scope.workers,
    rows: scope.rows,
    async here(task, onPart, stop) {
      const { faultsOf, runBlockTask } = await import('./block-task.ts')
      const scratch = new ColumnBatch(world.schema === 'extended')
      const faults = out && faultsOf(out)
      await runBlockTask(task, { config, world, lake, workspace, scratch, stop, onPart, faults })
    },
  })
  return {
    async make(tasks) {
      const done: PartDone[] = []
      const progress = progressOf(scope, onProgress)
      const onMessage = (part: PartDone) => {
        done.push(part)
        progress(part)
      }
      try {
        await pool.run(tasks, { onMessage, signal })
      } catch (error) {
        // A thread that is ended in the middle of a file could not remove it.
        if (shard.count === 1) await lake.sweep().catch(() => {})
        throw error
      }
      return { ...summaryOf(done, (performance.now() - start) / 1000), complete: done.length === partCount(tasks) }
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}

/** Reports for each part the rows that exist, and the rows that are expected. */
export function progressOf({ config, world, period, blocks, tables }: Scope, report: CrewOptions['onProgress']) {
  const expected = estimateRows(shapeOf(config), period, storesOf(world, blocks))
  const total = Math.round(tables.reduce((sum, table) => sum + expected[table], 0))
  let doneRows = 0
  return ({ rows, month }: Pick<PartDone, 'rows' | 'month'>) => {
    doneRows += rows
    report?.({ doneRows, totalRows: Math.max(total, doneRows), month: formatMonth(month) })
  }
}

function summaryOf(done: readonly PartDone[], seconds: number): Omit<Made, 'complete'> {
  const rowsOf = (parts: readonly PartDone[]) =>
    byFact((table) => parts.reduce((sum, part) => sum + (part.table === table ? part.rows : 0), 0))
  const bytesOf = (parts: readonly PartDone[]) => parts.reduce((sum, part) => sum + part.sizeBytes, 0)
  const count = (how: PartDone['how']) => done.filter((part) => part.how === how).length
  const made = done.filter(({ how }) => how !== 'kept')
  const rows = rowsOf(made)
  return {
    parts: { made: count('made'), longer: count('longer'), kept: count('kept'), remade: count('remade') },
    rows,
    sizeBytes: bytesOf(made),
    total: { rows: rowsOf(done), sizeBytes: bytesOf(done) },
    seconds,
    rowsPerSecond: Math.round(sumOfFacts(rows) / seconds),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
}
