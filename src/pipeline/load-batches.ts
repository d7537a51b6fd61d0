import { advise, retail } from '../advice.ts'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { FileBatch, Ports } from '../ports/index.ts'
import { sideBySide } from '../ports/side-by-side.ts'
import { byFact, type FactName } from '../tables/index.ts'
import { buildWorld } from '../world/world.ts'
import { enter } from './enter.ts'
import { unable } from './preconditions.ts'
import { recorded } from './record.ts'

/** What `load --from` found and did. */
export interface LoadBatchesResult {
  world: string
  from: string
  dryRun: boolean
  /** Finished batches, and those that this run has loaded, or would load. */
  batches: { found: number; loaded: number }
  /** Rows of the batches that this run has loaded, or would load. */
  rows: Record<FactName, number>
  /** It was asked to stop before everything was loaded. */
  stopped: boolean
  seconds: number
}

export interface LoadBatchesOptions {
  /** Where spark/ingest.py wrote: `gs://BUCKET/PREFIX`. */
  from: string
  dryRun?: boolean
  /** On abort, the loads that have started are finished. */
  signal?: AbortSignal
  onBatch?: (done: number, all: number) => void
}

/** Load jobs at the same time. */
const LOADS = 8

/**
 * Loads the batches of files that spark/ingest.py has finished, each exactly once: however often it runs, on however
 * many machines, and wherever it was killed. Throws `bad_flag` if the target takes no files, and `missing` without any.
 */
export async function loadBatches(
  ports: Ports,
  config: Config,
  { from, dryRun = false, signal, onBatch }: LoadBatchesOptions,
): Promise<LoadBatchesResult> {
  const { batchLoading } = ports.warehouse
  if (!batchLoading.can) throw unable(`load --from does not work with target ${ports.target.name}`, batchLoading)
  const world = buildWorld(config)
  await enter('load', ports, config, world)
  const started = performance.now()
  const found = await batchLoading.find(from, world.id)
  if (found.length === 0)
    throw new RetailError('missing', `${from} has no finished batch`, {
      why: 'spark/ingest.py lists each in transactions/_batches or inventories/_batches',
      hint: advise`name what you named as --out; ${retail('infra', 'output', '--spark')} shows it`,
    })
  const todo = found.filter(({ loaded }) => !loaded)
  const resultOf = (done: readonly FileBatch[]): LoadBatchesResult => ({
    ...{ world: world.id, from, dryRun },
    batches: { found: found.length, loaded: done.length },
    rows: byFact((name) => done.reduce((sum, { table, rows }) => sum + (table === name ? rows : 0), 0)),
    stopped: done.length < todo.length,
    seconds: (performance.now() - started) / 1000,
  })
  if (dryRun) return resultOf(todo)
  return await recorded(ports.workspace, 'load', async () => {
    const done: FileBatch[] = []
    const load = async (batch: FileBatch) => {
      await batch.load()
      done.push(batch)
      onBatch?.(done.length, todo.length)
    }
    await sideBySide(todo, LOADS, load, () => signal?.aborted === true)
    return resultOf(done)
  })
}
