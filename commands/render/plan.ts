import type { PlanCheck, PlanResult } from '../../src/pipeline/results.ts'
import { sumOfFacts } from '../../src/tables/index.ts'
import { formatBytes, formatCount, formatDuration, table } from './format.ts'

export function renderPlan(result: PlanResult): string {
  const { world, rows, lake, backfill, job, stream, local, cloud } = result
  const total = sumOfFacts(rows)
  const speed = stream.speed === 1 ? 'in real time' : `${formatFactor(stream.speed)}× real time`
  const peak = stream.peakPerSecond > stream.eventsPerSecond ? `${formatCount(stream.peakPerSecond)} at peak, ` : ''
  return [
    `About ${formatCount(total)} rows: ${formatCount(world.stores)} stores × ${formatCount(world.linesPerStoreDay)} lines a day × ${formatCount(world.days)} days, ${world.from} … ${world.to}`,
    table([
      ['rows', `${formatCount(rows.transactions)} transactions, ${formatCount(rows.inventories)} inventories`],
      [
        'parts',
        `${formatCount(lake.parts)}: ${formatCount(lake.blocks)} blocks × ${lake.months} months × 2, ${formatBytes(lake.partBytes)} each, ${formatBytes(lake.sizeBytes)} in total`,
      ],
      [
        'backfill',
        `${formatDuration(backfill.seconds)} on two cores, ${formatBytes(backfill.workerBytes)} of memory per thread; verify ${formatDuration(backfill.verifySeconds)}`,
      ],
      ['as a job', `${jobText(job)}`],
      [
        'stream',
        `${formatCount(stream.eventsPerSecond)} events per second, ${peak}${speed}; in Google Cloud ${formatCount(stream.loaders)} × retail load`,
      ],
    ]),
    '',
    'On this machine',
    checkTable(local),
    '',
    `In Google Cloud (limits as of ${cloud.limits.date})`,
    checkTable(cloud.checks),
    '',
    `Estimated cost: about $${money(cloud.once.usd)} once and $${money(cloud.daily.usd)} a day, at the prices of ${cloud.prices.date}`,
    table(
      [
        ...cloud.once.items.map((each) => ['once', each] as const),
        ...cloud.daily.items.map((each) => ['a day', each] as const),
      ].map(([when, { what, usd }]) => [when, what, money(usd)]),
      { right: [2] },
    ),
    ...cloud.assumptions.map((line) => `  – ${line}`),
    `  limits: ${cloud.limits.source}`,
    `  prices: ${cloud.prices.source}`,
  ].join('\n')
}

function jobText({ tasks, asked, cpus, memoryGib, taskSeconds }: PlanResult['job']): string {
  const idle = asked > tasks ? `, ${asked - tasks} of ${asked} would be idle` : ''
  return `${tasks} tasks of ${cpus} vCPU and ${memoryGib} GiB, ${formatDuration(taskSeconds)} each${idle}`
}

function checkTable(checks: readonly PlanCheck[]): string {
  return table(
    checks.map(({ what, unit, used, most, ok, kind, fix }) => [
      ok ? '✔' : '✘',
      what,
      amount(used, unit),
      `of ${amount(most, unit)}`,
      ok ? kind : `${kind}: ${fix}`,
    ]),
    { right: [2] },
  )
}

const amount = (value: number, unit: string): string => {
  if (unit === 'bytes') return formatBytes(value)
  if (unit === 'bytes/s') return `${formatBytes(value)}/s`
  if (unit === 'seconds') return formatDuration(value)
  return formatCount(value)
}

/** Two significant digits. */
const formatFactor = (factor: number): string =>
  formatCount(Number(factor.toPrecision(2))).replace(/^0$/, factor.toPrecision(2))
const money = (usd: number): string => (usd >= 100 ? formatCount(usd) : usd.toFixed(2))
