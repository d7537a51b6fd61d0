import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { Cut, Ports, Published } from '../ports/index.ts'
import { formatSecond, type Second } from '../time.ts'
import type { BlockTruth, TruthCut } from '../truth/account.ts'
import { type Truth, totalTruth } from '../truth/total.ts'
import { buildWorld, type World } from '../world/world.ts'
import { checkWorld } from './identity.ts'
import { coverWorld } from './live/layout.ts'
import { recorded } from './record.ts'
import type { VerifyCheck, VerifyDifference, VerifyResult } from './results.ts'
import type { Finding, VerifyContext } from './verify/check.ts'
import { checkFiles } from './verify/files.ts'
import * as marts from './verify/marts.ts'
import * as raw from './verify/raw.ts'
import { runPool, workerCount } from './workers.ts'

export interface VerifyOptions {
  /** counts and keys only */
  quick?: boolean
  workers?: number
  /** on abort throws `stopped` */
  signal?: AbortSignal
  onCheck?: (check: VerifyCheck) => void
}

/** Recomputes what must be there and compares it with what is, down to the row. */
export async function verify(ports: Ports, config: Config, options: VerifyOptions): Promise<VerifyResult> {
  const world = buildWorld(config)
  await checkWorld(ports, world, config)
  const published = await ports.warehouse.published()
  if (!published)
    throw new RetailError('missing', 'there is nothing to verify yet', {
      hint: 'run `retail seed-dims` and `retail backfill` first',
    })
  await using _reading = await ports.workspace.reading()
  return await recorded(ports.workspace, 'verify', () => run(ports, config, world, published, options))
}

async function run(
  ports: Ports,
  config: Config,
  world: World,
  published: Published,
  options: VerifyOptions,
): Promise<VerifyResult> {
  const start = performance.now()
  const { quick = false, signal } = options
  const checks: VerifyCheck[] = []
  const differences: VerifyDifference[] = []

  let whole: boolean | undefined
  let billedBytes: number | undefined
  async function check(name: string, about: string, work: () => Promise<Finding>): Promise<boolean> {
    if (signal?.aborted)
      throw new RetailError('stopped', 'verify was stopped', { hint: 'nothing was changed; run it again' })
    const began = performance.now()
    const { compared, differences: found } = await work().catch((error) => {
      // A damaged file may be more than a query survives; it has been named already.
      if (whole !== false || error instanceof RetailError) throw error
      return { compared: 0, differences: [unreadable(name, error)] }
    })
    const one = { name, about, ok: found.length === 0, compared, seconds: (performance.now() - began) / 1000 }
    checks.push(one)
    differences.push(...found.slice(0, 20))
    options.onCheck?.(one)
    return one.ok
  }

  const layout = await ports.lake.layout()
  const cover = coverWorld(layout, world)
  const expected: Cut = {
    history: Math.max(cover.history, published.raw.history),
    live: Math.max(cover.live, published.raw.history),
  }
  const cut: TruthCut = { raw: expected.live, marts: published.marts?.live }
  // Files are read meanwhile, unless a question to the warehouse has yet to say how far raw goes.
  await using early = ports.warehouse.delivered
    ? undefined
    : begun((stop) => recompute(world, config, cut, options.workers, stop), signal)
  whole = await check('files', 'every part and batch is there, whole, and of this world', () =>
    checkFiles(ports, world, expected.history, quick),
  )
  const result = (rows: VerifyResult['rows']): VerifyResult => ({
    world: world.id,
    ok: checks.every(({ ok }) => ok),
    quick,
    raw: cutText(expected),
    marts: published.marts && cutText(published.marts),
    checks,
    differences,
    rows,
    billedBytes,
    ...(ports.live && { dataset: ports.warehouse.location }),
    seconds: (performance.now() - start) / 1000,
  })
  // A file that is missing makes raw unreadable, so there is nothing to compare before it is back.
  if (!whole && differences.some(({ kind }) => kind === 'missing')) return result({ transactions: 0, inventories: 0 })
  // Who wrote last may have been killed before it published.
  const behind = published.raw.history !== cover.history || published.generation !== layout.generation
  if (whole && behind) await ports.warehouse.publish()

  const delivered = await ports.warehouse.delivered?.()
  if (delivered) {
    const sent = Math.max(published.raw.live, expected.live)
    expected.live = delivered.live
    await check('delivery', 'every event that was published has arrived', async () =>
      checkDelivery(config, delivered.live, sent),
    )
  }
  cut.raw = expected.live
  // Where events travel, the model is as far as staging is.
  if (delivered) cut.model = cut.marts
  await using reader = await ports.warehouse.reader()
  const truth = await (early?.done ?? recompute(world, config, cut, options.workers, signal))
  const context: VerifyContext = {
    ports,
    config,
    world,
    reader,
    truth,
    dimensions: raw.dimensionRows(world),
    cut,
    quick,
  }

  await check('dimensions', 'product and store are the rows of this world', () => raw.checkDimensions(context))
  const how = quick ? 'row count' : 'row count and checksums of all columns'
  await check('transactions', `${how} of every day`, () => raw.checkFact(context, 'transactions'))
  await check('inventories', `${how} of every day`, () => raw.checkFact(context, 'inventories'))
  await check('keys', 'every product and store of the facts exists', () => raw.checkKeys(context))
  if (!quick)
    await check('ledger', 'opening + movements = closing, and never below zero', () => raw.checkLedger(context))
  if (cut.marts !== undefined) {
    if (delivered) await check('staging', 'every row of staging is there once', () => marts.checkStaging(context))
    await check('daily_sales', 'revenue, units and lines of every day, to the cent', () =>
      marts.checkDailySales(context),
    )
    await check('mv_retail_transactions', 'lines, units and revenue of every day', () => marts.checkModel(context))
    await check('dim_product', 'every product, cell by cell', () => marts.checkMartProducts(context))
    await check('dim_store', 'every store, cell by cell', () => marts.checkMartStores(context))
    if (!quick) {
      await check('stock_on_hand', 'on hand of every product in every store', () => marts.checkStock(context))
      await check('stock_levels', 'places and units of every location and category', () =>
        marts.checkStockLevels(context),
      )
      await check('monthly_sales', 'revenue, units and lines of every month, location and category', () =>
        marts.checkMonthlySales(context),
      )
      await check('monthly_inventory', 'quantity change of every month and location', () =>
        marts.checkMonthlyInventory(context),
      )
    }
  }
  billedBytes = reader.billedBytes?.()
  const rows = (sums: readonly { rows: bigint }[]) => Number(sums.reduce((n, day) => n + day.rows, 0n))
  return result({ transactions: rows(truth.lines), inventories: rows(truth.movements) })
}

/** Work that goes on until it is asked for; where nobody asks any more, it is told to stop and waited for. */
function begun<T>(work: (stop: AbortSignal) => Promise<T>, signal: AbortSignal | undefined) {
  const unwanted = new AbortController()
  const done = work(AbortSignal.any([unwanted.signal, ...(signal ? [signal] : [])]))
  // It is told of where it is asked for.
  done.catch(() => {})
  return {
    done,
    async [Symbol.asyncDispose]() {
      unwanted.abort()
      await done.catch(() => {})
    },
  }
}

async function recompute(
  world: World,
  config: Config,
  cut: TruthCut,
  workers: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Truth> {
  const blocks: BlockTruth[] = []
  await runPool<number, BlockTruth>({
    worker: 'verify/worker',
    open: { config, cut },
    tasks: world.blocks.map(({ index }) => index),
    workers: workerCount(workers, world.blocks.length),
    onMessage: (block) => blocks.push(block),
    signal,
  })
  if (blocks.length < world.blocks.length)
    throw new RetailError('stopped', 'verify was stopped', { hint: 'nothing was changed; run it again' })
  return totalTruth(blocks)
}

function checkDelivery({ gcp }: Config, arrived: Second, sent: Second): Finding {
  if (arrived >= sent) return { compared: 1, differences: [] }
  const [from, to] = [formatSecond(arrived), formatSecond(sent)]
  const wait = gcp?.ingest === 'subscription' ? 'let Pub/Sub write them' : 'let `retail load` finish'
  const found = `not all events from ${from} to ${to} are in raw: ${wait}, or send them again: retail stream --speed max --resend-from ${from} --until ${to}`
  return {
    compared: 1,
    differences: [
      { check: 'delivery', kind: 'missing', table: 'transactions and inventories', day: from.slice(0, 10), found },
    ],
  }
}

const unreadable = (check: string, error: unknown): VerifyDifference => ({
  check,
  kind: 'damaged',
  table: check,
  found: `it cannot be read: ${String(error).split('\n')[0]}`,
})

const cutText = ({ history, live }: Cut) => ({ history: formatSecond(history), live: formatSecond(live) })
