import { advise, retail } from '../advice.ts'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { Ports } from '../ports/index.ts'
import type { DimensionName, FactName } from '../tables/index.ts'
import { backfill } from './backfill.ts'
import type { BackfillProgress, BackfillResult } from './history/result.ts'
import type { StreamResult, StreamTick } from './live/result.ts'
import { seedDims } from './seed-dims.ts'
import { stream } from './stream.ts'
import type { TransformResult } from './transform.ts'
import { transform } from './transform.ts'
import type { VerifyCheck, VerifyResult } from './verify/result.ts'
import { verify } from './verify.ts'

export interface DemoResult {
  world: string
  workspace: string
  rows: Record<FactName, number> & Partial<Record<DimensionName, number>>
  backfill: BackfillResult
  stream: StreamResult
  transform: TransformResult
  verify: VerifyResult
  sizeBytes: { lake: number; database: number }
  peakRssBytes: number
  seconds: number
}

export type DemoStep = 'seed-dims' | 'backfill' | 'stream' | 'transform' | 'verify'

export interface DemoOptions {
  /** Duration of the live stream. */
  streamMs?: number
  signal?: AbortSignal
  onStep?: (step: DemoStep, text: string) => void
  onProgress?: (progress: BackfillProgress) => void
  onTick?: (tick: StreamTick) => void
  onOutput?: (line: string) => void
  onCheck?: (check: VerifyCheck) => void
}

const STREAM_MS = 5_000
/** Events per second on average: enough to watch, far below the maximum. */
const STREAM_RATE = 500

/** Runs every verb, in the order in which data flows. */
export async function demo(ports: Ports, config: Config, options: DemoOptions): Promise<DemoResult> {
  const { streamMs = STREAM_MS, signal, onStep = () => {}, onProgress, onTick, onOutput, onCheck } = options
  const start = performance.now()
  const goOn = () => {
    if (signal?.aborted)
      throw new RetailError('stopped', 'the demo was stopped', {
        hint: advise`finished steps are kept: run ${retail('demo')} again to resume`,
      })
  }
  onStep('seed-dims', 'products and stores')
  const dims = await seedDims(ports, config, {})
  goOn()
  onStep('backfill', `history from ${config.history.from} to ${config.history.to}`)
  const history = await backfill(ports, config, { signal, onProgress })
  goOn()
  onStep('stream', `${Math.round(streamMs / 1000)} seconds of live events`)
  const live = await stream(ports, config, { rate: STREAM_RATE, durationMs: streamMs, signal, onTick })
  goOn()
  onStep('transform', 'staging, marts, and their tests with dbt')
  const transformed = await transform(ports, config, {
    signal,
    onOutput,
    onDetail: onOutput,
    onStep: (text) => onStep('transform', text),
  })
  if (!transformed.published)
    throw new RetailError('tool_failed', `dbt failed: ${transformed.failed.join(', ')}`, {
      hint: advise`see the log, then run ${retail('transform')}`,
    })
  goOn()
  onStep('verify', 'recompute the expected data and compare')
  const verified = await verify(ports, config, { signal, onCheck })
  const layout = await ports.lake.layout()
  return {
    world: dims.world,
    workspace: config.workspace,
    rows: { ...dims.rows, ...verified.rows },
    backfill: history,
    stream: live,
    transform: transformed,
    verify: verified,
    sizeBytes: {
      lake: layout.parts.reduce((sum, part) => sum + part.sizeBytes, 0),
      database: (await ports.warehouse.sizeBytes()) ?? 0,
    },
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    seconds: (performance.now() - start) / 1000,
  }
}
