import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'
import type { BackfillProgress, DemoResult, StreamTick, VerifyCheck } from './results.ts'

export interface DemoOptions {
  /** how long the live stream runs */
  streamMs?: number
  signal?: AbortSignal
  onStep?: (step: 'seed-dims' | 'backfill' | 'stream' | 'transform' | 'verify', text: string) => void
  onProgress?: (progress: BackfillProgress) => void
  onTick?: (tick: StreamTick) => void
  onOutput?: (line: string) => void
  onCheck?: (check: VerifyCheck) => void
}

/** Every verb in the order data travels. */
export async function demo(_ports: Ports, _config: Config, _options: DemoOptions): Promise<DemoResult> {
  throw new Error('under construction')
}
