import { isHere } from '../../src/config/targets.ts'
import type { PlanCheck, PlanResult } from '../../src/pipeline/results.ts'
import { sumOfFacts } from '../../src/tables/index.ts'
import { countOf, formatBytes, formatCount, formatDuration } from './format.ts'
import { type Pieces, type Table, table } from './layout.ts'

/** What applies to the target. `job`: the user asked how a job would share the work. */
export function renderPlan(result: PlanResult, { job }: { job: boolean }): Pieces {
  const { world, local } = result
  const cloud = !isHere(result.target)
  return [
    `About ${formatCount(sumOfFacts(result.rows))} rows: ${countOf(world.stores, 'store')} × ${countOf(world.linesPerStoreDay, 'line')} a day × ${countOf(world.days, 'day')}, ${world.from} … ${world.to}`,
    table(worldRows(result, { job: job || cloud, cloud })),
    '',
    'On this machine',
    checkTable(local),
    ...(cloud ? cloudLines(result.cloud) : []),
  ]
}

function worldRows(
  { rows, lake, backfill, job, transform, stream }: PlanResult,
  shown: { job: boolean; cloud: boolean },
): [string, string][] {
  const speed = stream.speed === 1 ? 'in real time' : `${formatFactor(stream.speed)}× real time`
  const peak = stream.peakPerSecond > stream.eventsPerSecond ? `${formatCount(stream.peakPerSecond)} at peak, ` : ''
  const loaders = shown.cloud ? `; ${formatCount(stream.loaders)} × retail load` : ''
  const publishers = shown.cloud && stream.publishers > 1 ? `; ${formatCount(stream.publishers)} shards of stream` : ''
  const shards = `${publishers}${stream.shards > 1 ? `; ${formatCount(stream.shards)} shards of stream --to kafka://…` : ''}`
  return [
    ['rows', `${formatCount(rows.transactions)} transactions, ${formatCount(rows.inventories)} inventories`],
    [
      'parts',
      `${formatCount(lake.parts)}: ${countOf(lake.blocks, 'block')} × ${countOf(lake.months, 'month')} × 2, ${formatBytes(lake.partBytes)} each, ${formatBytes(lake.sizeBytes)} in total`,
    ],
    [
      'backfill',
      `${formatDuration(backfill.seconds)}, verify ${formatDuration(backfill.verifySeconds)}, as measured on ${backfill.machine}; ${formatBytes(backfill.processBytes)} of memory and ${formatBytes(backfill.workerBytes)} per thread`,
    ],
    ...(shown.job ? [['as a job', jobText(job)] satisfies [string, string]] : []),
    ['transform', transformText(transform, shown.cloud)],
    ['stream', `${formatRate(stream.eventsPerSecond)} events per second, ${peak}${speed}${loaders}${shards}`],
  ]
}

function cloudLines(cloud: PlanResult['cloud']): Pieces {
  return [
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
  ]
}

/** In BigQuery, what counts are the bytes of a table. */
function transformText(
  { cpuSeconds, tableBytes, memory, months, largest }: PlanResult['transform'],
  cloud: boolean,
): string {
  const costOf = (step: { cpuSeconds: number; tableBytes: number }) =>
    cloud ? `${formatBytes(step.tableBytes)} of a table read` : `${formatDuration(step.cpuSeconds)} of CPU time`
  const byMonth =
    months > 1
      ? `; by month, ${countOf(months, 'step')} of at most ${formatCount(largest.rows)} rows, ${costOf(largest)} (${largest.month})`
      : ''
  return `${costOf({ cpuSeconds, tableBytes })} for the first one${cloud ? '' : `, with ${formatBytes(memory.bytes)} of memory at ${formatCount(memory.rows)} rows`}${byMonth}`
}

function jobText({ tasks, asked, cpus, memoryGib, taskSeconds, verifySeconds }: PlanResult['job']): string {
  const idle = asked > tasks ? `, ${asked - tasks} of ${asked} would be idle` : ''
  return `${tasks} tasks of ${cpus} vCPU and ${memoryGib} GiB, ${formatDuration(taskSeconds)} each, ${formatDuration(verifySeconds)} to verify${idle}`
}

function checkTable(checks: readonly PlanCheck[]): Table {
  return table(
    checks.map(({ what, unit, used, most, ok, kind, fix }) => [
      ok ? '✔' : '✘',
      what,
      amount(used, unit),
      `of ${amount(most, unit)}`,
      ok ? KINDS[kind] : `${KINDS[kind]}: ${fix}`,
    ]),
    { right: [2] },
  )
}

const KINDS: Record<PlanCheck['kind'], string> = {
  limit: 'limit',
  quota: 'quota',
  setting: 'setting',
  measured: 'measured',
  machine: 'available',
}

const amount = (value: number, unit: string): string => {
  if (unit === 'bytes') return formatBytes(value)
  if (unit === 'bytes/s') return `${formatBytes(value)}/s`
  if (unit === 'seconds') return formatDuration(value)
  return formatCount(value)
}

/** A small shop has less than one event per second. */
const formatRate = (perSecond: number): string =>
  perSecond < 10 ? String(Number(perSecond.toPrecision(2))) : formatCount(perSecond)

/** Two significant digits. */
const formatFactor = (factor: number): string =>
  formatCount(Number(factor.toPrecision(2))).replace(/^0$/, factor.toPrecision(2))
const money = (usd: number): string => (usd >= 100 ? formatCount(usd) : usd.toFixed(2))
