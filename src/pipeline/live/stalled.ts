import os from 'node:os'
import { uptimeMs } from './clock.ts'
import type { StreamTick } from './result.ts'

/** A running stream reports about once per second; one that has not reported for this long hangs. */
const SILENT_MS = 30_000

/** The file in which a running stream reports to `status` in other processes. */
export interface RecordedTick extends StreamTick {
  pid: number
  /** Time of the report, for people. */
  at: string
  /** Time of the report, for comparison: the system clock may have been set since. */
  host: string
  uptimeMs: number
}

export const recordOf = (tick: StreamTick): RecordedTick => ({
  ...tick,
  pid: process.pid,
  at: new Date().toISOString(),
  host: os.hostname(),
  uptimeMs: uptimeMs(),
})

/**
 * Milliseconds since the last report of the stream that holds the lock; undefined if it is recent or cannot be
 * determined.
 */
export function silentFor(
  tick: Partial<RecordedTick> | undefined,
  writer: { command: string; pid: number } | undefined,
): number | undefined {
  const isReporting = writer?.command === 'stream' && tick?.pid === writer.pid && tick.host === os.hostname()
  if (!isReporting || tick.uptimeMs === undefined) return undefined
  const silentMs = uptimeMs() - tick.uptimeMs
  return silentMs > SILENT_MS ? silentMs : undefined
}
