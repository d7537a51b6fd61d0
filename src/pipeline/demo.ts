import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { Ports } from '../ports/index.ts'
import { backfill } from './backfill.ts'
import type { BackfillProgress, DemoResult, StreamTick, VerifyCheck } from './results.ts'
import { seedDims } from './seed-dims.ts'
import { stream } from './stream.ts'
import { transform } from './transform.ts'
import { verify } from './verify.ts'

export type DemoStep = 'seed-dims' | 'backfill' | 'stream' | 'transform' | 'verify'

export interface DemoOptions {
  /** how long the live stream runs */
  streamMs?: number
  signal?: AbortSignal
  onStep?: (step: DemoStep, text: string) => void
  onProgress?: (progress: BackfillProgress) => void
  onTick?: (tick: StreamTick) => void
  onOutput?: (line: string) => void
  onCheck?: (check: VerifyCheck) => void
}

const STREAM_MS = 5_000
/** Events a second on average: enough to watch, far from what is possible. */
const STREAM_RATE = 500

/** Every verb in the order data travels. */
export async function demo(ports: Ports, config: Config, options: DemoOptions): Promise<DemoResult> {
  const { streamMs = STREAM_MS, signal, onStep = () => {}, onProgress, onTick, onOutput, onCheck } = options
  const start = performance.now()
  const goOn = () => {
    if (signal?.aborted)
      throw new RetailError('stopped', 'the demo was stopped', {
        hint: 'what was made is kept: run `retail demo` again to go on',
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
  onStep('transform', 'dbt: staging, marts and their tests')
  const transformed = await transform(ports, config, {
    signal,
    onOutput,
    onDetail: onOutput,
    onStep: (text) => onStep('transform', text),
  })
  if (!transformed.published)
    throw new RetailError('tool_failed', `dbt failed: ${transformed.failed.join(', ')}`, {
      hint: 'see the log, then `retail transform`',
    })
  goOn()
  onStep('verify', 'recompute the truth and compare')
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
