import { bytesOfRows, type CostItem, DAYS, item, monthlyCost } from '../infra/cost.ts'
import { priceList, prices } from '../infra/prices.ts'
import { type Facts, TASK } from './facts.ts'
import type { PlanResult } from './result.ts'

/** Size of the marts as a share of raw. */
const MART_SHARE = 0.1

/** The cost of history: once, and per day afterward. */
export function costPlan(
  { config, gcp, world, history, tasks }: Facts,
  { parts, taskSeconds, speed }: { parts: number; taskSeconds: number; speed: number },
): Pick<PlanResult['cloud'], 'once' | 'daily' | 'assumptions' | 'prices'> {
  const { schema } = config.world
  const raw = bytesOfRows(history.rows, schema)
  const seconds = tasks * taskSeconds
  const once = [
    item(prices.cpu, seconds * TASK.cpus),
    item(prices.memory, seconds * TASK.memoryGib),
    item(prices.lakeWrites, parts),
    // Raw to staging, staging to marts, and a verify of all three.
    item(prices.queries, raw + raw + (2 + MART_SHARE) * raw),
  ]
  const monthly = monthlyCost(config, gcp, world.blocks.length, speed)
  const daily = monthly.items.map(
    (each): CostItem => ({ ...each, quantity: each.quantity / DAYS, usd: each.usd / DAYS, unit: each.unit }),
  )
  return {
    once: { usd: sum(once), items: once },
    daily: { usd: sum(daily), items: daily },
    assumptions: [
      `once: ${tasks} tasks of ${TASK.cpus} vCPU and ${TASK.memoryGib} GiB, the first transform, and one full verify; loads into BigQuery are free`,
      'a day: one thirtieth of a month, after the monthly free tier',
      ...monthly.assumptions,
    ],
    prices: priceList,
  }
}

const sum = (items: readonly CostItem[]): number => Math.round(items.reduce((all, { usd }) => all + usd, 0) * 100) / 100
