import type { ColumnBatch } from '../../simulator/column-batch.ts'
import { byFact, facts, sumOfFacts } from '../../tables/index.ts'
import type { StreamResult } from './result.ts'

/** Lags are counted in steps, each two percent longer than the one before, up to days. */
const STEPS = 1_000
const RATIO = 1.02
const stepOf = (ms: number): number => Math.min(STEPS - 1, Math.floor(Math.log(1 + ms) / Math.log(RATIO)))
const msOf = (step: number): number => RATIO ** (step + 1) - 1

/** What a run delivered, and how late. */
export class Tally {
  readonly rows = byFact(() => 0)
  private readonly lags = new Float64Array(STEPS)
  private batches = 0
  private maxMs = 0

  get events(): number {
    return sumOfFacts(this.rows)
  }

  add(rows: ColumnBatch, lateMs: number): void {
    if (rows.n === 0) return
    for (const { name } of facts) this.rows[name] += rows.facts[name].rows.n
    this.batches++
    this.lags[stepOf(lateMs)]++
    this.maxMs = Math.max(this.maxMs, lateMs)
  }

  get lag(): StreamResult['lag'] {
    let step = 0
    for (let n = this.lags[0]; n <= this.batches / 2 && step < STEPS - 1; ) n += this.lags[++step]
    return { p50Ms: Math.min(Math.round(this.maxMs), Math.round(msOf(step))), maxMs: Math.round(this.maxMs) }
  }
}
