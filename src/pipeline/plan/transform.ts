import { type FactName, facts, sumOfFacts } from '../../tables/index.ts'
import { formatDay } from '../../time.ts'
import { estimateRows, secondsFor, shapeOf } from '../estimate.ts'
import { rowBytes } from '../infra/cost.ts'
import { monthsOf } from '../period.ts'
import type { Facts } from './facts.ts'
import { transformed } from './limits.ts'
import type { PlanResult, TransformStep } from './result.ts'

/** The first transform at once, and by month: `backfill --to` the end of a month, then `transform`, and so on. */
export function transformPlan({ config, history, period, months }: Facts): PlanResult['transform'] {
  const step = (rows: Record<FactName, number>): TransformStep => ({
    rows: Math.round(sumOfFacts(rows)),
    tableBytes: Math.round(Math.max(...facts.map(({ name }) => rows[name] * rowBytes(name, config.world.schema)))),
    cpuSeconds: secondsFor(sumOfFacts(rows), transformed.first),
  })
  const steps = monthsOf(period).map(({ from, through }) => ({
    month: formatDay(from).slice(0, 7),
    ...step(estimateRows(shapeOf(config), { from, to: through })),
  }))
  const largest = steps.reduce((a, b) => (b.rows > a.rows ? b : a))
  return { ...step(history.rows), months, largest, memory: transformed.memory }
}
