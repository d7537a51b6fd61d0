import type { Config } from '../config/schema.ts'
import { headOf, type TextFormat } from '../encode/row-layout.ts'
import type { Shard } from '../ports/index.ts'
import type { FileFormat } from '../tables/index.ts'
import { type DimensionName, dimensions, type FactName, type TableName } from '../tables/index.ts'
import { formatDay } from '../time.ts'
import { buildWorld, memoryOfWeeks, type World } from '../world/world.ts'
import { dimensionText } from './dimensions.ts'
import { estimateBytes, estimateRows, shapeOf } from './estimate.ts'
import type { PrintTask } from './history/print-task.ts'
import type { BackfillProgress } from './history/result.ts'
import { type Filled, openRingBuffer, readRingBuffer } from './history/ring-buffer.ts'
import { blocksOf, type PeriodOptions, periodOf } from './period.ts'
import { runPool, workerCount } from './workers.ts'

/** One table as text on stdout. */
export interface PrintResult {
  world: string
  table: TableName
  format: FileFormat
  /** The days of a fact. */
  from?: string
  to?: string
  dryRun: boolean
  /** Written, or estimated (dry run). */
  rows: number
  sizeBytes: number
  seconds: number
  peakRssBytes: number
  complete: boolean
}

export interface PrintOptions extends PeriodOptions {
  table: TableName
  format: TextFormat
  workers?: number
  shard?: Shard | undefined
  dryRun?: boolean
  /** Takes the rows in order; the bytes may be reused when it resolves. A rejection ends everything. */
  write: (bytes: Uint8Array) => Promise<void>
  /** On abort, no further rows are written, and the result has `complete: false`. */
  signal?: AbortSignal
  onProgress?: (progress: BackfillProgress) => void
}

const isDimension = (name: TableName): name is DimensionName => dimensions.some((table) => table.name === name)

/**
 * Writes the rows of one table; those of a fact by UTC day, then store, then time: the same bytes for any number of
 * workers. Memory does not grow with the period: a worker that is ahead waits for its turn.
 */
export async function printTable(config: Config, options: PrintOptions): Promise<PrintResult> {
  const { table, format } = options
  const world = buildWorld(config)
  const start = performance.now()
  const written = isDimension(table)
    ? await printDimension(world, table, options)
    : await printFact(world, config, table, options)
  return {
    world: world.id,
    table,
    format,
    dryRun: options.dryRun ?? false,
    ...written,
    seconds: (performance.now() - start) / 1000,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
}

type Written = Pick<PrintResult, 'rows' | 'sizeBytes' | 'complete'> & Partial<Pick<PrintResult, 'from' | 'to'>>

async function printDimension(
  world: World,
  table: DimensionName,
  { format, dryRun, write }: PrintOptions,
): Promise<Written> {
  const bytes = Buffer.from(dimensionText(world, table, format))
  if (!dryRun) await write(bytes)
  return { rows: world.counts[table], sizeBytes: bytes.length, complete: !dryRun }
}

async function printFact(world: World, config: Config, table: FactName, options: PrintOptions): Promise<Written> {
  const { format, signal, write, onProgress } = options
  const period = periodOf(world, config, options)
  const days = { from: formatDay(period.from), to: formatDay(period.to) }
  const blocks = blocksOf(world, options.shard)
  const shape = shapeOf(config)
  const stores = blocks.reduce((sum, block) => sum + world.blocks[block].hi - world.blocks[block].lo, 0)
  const totalRows = Math.round(estimateRows(shape, period, stores)[table])
  if (options.dryRun) {
    const storeDays = stores * (period.to - period.from + 1)
    const sizeBytes = estimateBytes(shape, table, format, { rows: totalRows, files: 1, storeDays })
    return { ...days, rows: totalRows, sizeBytes, complete: false }
  }
  const workers = workerCount(options.workers, blocks.length, totalRows)
  const rings = Array.from({ length: workers }, openRingBuffer)
  const readers = rings.map(readRingBuffer)
  const tasks = rings.map((ring, index): PrintTask => {
    const own = blocks.filter((_, i) => i % workers === index)
    return { table, format, blocks: own, ...period, ring, index }
  })
  let [rows, sizeBytes] = [0, 0]

  const over = new AbortController()
  const end = (why: unknown) => {
    over.abort()
    for (const reader of readers) reader.end(why)
  }
  const stopped = new Error('stopped')
  const onAbort = () => end(stopped)
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort)
  const pool = runPool<PrintTask, Filled>({
    worker: 'history/print-worker',
    open: { config, weeks: memoryOfWeeks(world, period.to + 1) },
    tasks,
    workers,
    rows: totalRows,
    signal: over.signal,
    onMessage: (filled, { index }) => readers[index].push(filled),
  })
  pool.then(() => readers.forEach((reader) => void reader.close()), end)
  try {
    const put = async (bytes: Uint8Array, of: number) => {
      await write(bytes)
      rows += of
      sizeBytes += bytes.length
    }
    const head = Buffer.from(headOf(world.schema, table, format))
    if (head.length > 0) await put(head, 0)
    for (let day = period.from; day <= period.to; day++) {
      for (const [i] of blocks.entries()) await readers[i % workers].drain(put)
      onProgress?.({ doneRows: rows, totalRows: Math.max(totalRows, rows), month: formatDay(day).slice(0, 7) })
    }
    return { ...days, rows, sizeBytes, complete: true }
  } catch (error) {
    if (error !== stopped) throw error
    return { ...days, rows, sizeBytes, complete: false }
  } finally {
    end(stopped)
    signal?.removeEventListener('abort', onAbort)
    // Its error was thrown above, or it was stopped.
    await pool.catch(() => {})
  }
}
