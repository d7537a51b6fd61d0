import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'
import type { Second } from '../time.ts'
import type { StreamResult, StreamTick } from './results.ts'

export interface StreamOptions {
  /** event seconds per second of the clock; 'max' has no clock. Default 1 */
  speed?: number | 'max'
  /** events a second on average; chooses the speed. Not with `speed` */
  rate?: number
  durationMs?: number
  /** stops when every event before this instant can be queried */
  until?: Second
  /** stops at the end of the second in which this many events are reached */
  maxEvents?: number
  /** on abort what is due is delivered and the result says stoppedBy 'signal' */
  signal?: AbortSignal
  onTick?: (tick: StreamTick) => void
}

export async function stream(_ports: Ports, _config: Config, _options: StreamOptions): Promise<StreamResult> {
  throw new Error('under construction')
}
