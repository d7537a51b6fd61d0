import type { Config } from '../config/schema.ts'
import type { Ports, Published } from '../ports/index.ts'
import { errnoFrom } from '../system-errors.ts'
import { byFact } from '../tables/index.ts'
import { rowsIn } from '../truth/total.ts'
import type { World } from '../world/world.ts'
import { openLettersOf } from './dead-letters/open-letters.ts'
import { readDelivered } from './delivery/delivered.ts'
import { deliveryOf } from './delivery/ledger.ts'
import { recorded } from './record.ts'
import { rowChecks } from './verify/checks.ts'
import { dimensionRows } from './verify/dimensions.ts'
import { checkFiles } from './verify/files.ts'
import { checkKept } from './verify/kept.ts'
import { readMerged } from './verify/merge.ts'
import { notYet } from './verify/not-yet.ts'
import { begun, recompute } from './verify/recompute.ts'
import { relationsOf } from './verify/relations.ts'
import { openReport, type ReportOptions } from './verify/report.ts'
import { cutText, type VerifyDifference, type VerifyResult } from './verify/result.ts'
import { enterVerify, standingOf } from './verify/standing.ts'
import { checkDatabase, checkDelivery } from './verify/warehouse.ts'

export interface VerifyOptions extends ReportOptions {
  /** Number of threads; 0: everything runs in the calling thread. */
  workers?: number
  /** Takes what shards have measured instead of measuring; see `verifyShard`. */
  merge?: boolean
}

/** Recomputes the expected data and compares it with the actual data, down to the row. */
export async function verify(ports: Ports, config: Config, options: VerifyOptions): Promise<VerifyResult> {
  const { world, published } = await enterVerify(ports, config)
  await using _reading = await ports.workspace.reading()
  return await recorded(ports.workspace, 'verify', () => run(ports, config, world, published, options), {
    onlyReads: true,
  })
}

async function run(
  ports: Ports,
  config: Config,
  world: World,
  published: Published,
  options: VerifyOptions,
): Promise<VerifyResult> {
  const start = performance.now()
  const { live, warehouse } = ports
  const { quick = false, signal, workers } = options
  const loadsRaw = warehouse.traits.raw.of === 'rows'
  const report = openReport(options)
  const wanted = rowChecks({
    quick,
    marts: published.marts !== undefined,
    travels: live.by === 'broker',
    extended: world.schema === 'extended',
  })
  const standing = await standingOf(ports, world, published)
  const { raw, shown, behind, cut } = standing
  const merged = options.merge ? await readMerged(ports.lake, world, standing, { quick }) : undefined
  // The expected data is computed while files are read, unless a query must first determine how far raw goes.
  await using early =
    live.by === 'broker' || merged ? undefined : begun((stop) => recompute(world, config, cut, workers, stop), signal)

  const openLetters = await openLettersOf(ports)
  const result = (more: Pick<VerifyResult, 'rows' | 'billedBytes' | 'unpublished' | 'delivery'>): VerifyResult => ({
    world: world.id,
    ok: report.checks.every(({ ok }) => ok),
    quick,
    raw: cutText(shown),
    marts: published.marts && cutText(published.marts),
    checks: report.checks,
    differences: report.differences,
    ...more,
    ...(loadsRaw && { dataset: warehouse.location }),
    ...(openLetters !== undefined && { openLetters }),
    seconds: (performance.now() - start) / 1000,
  })
  const nothingElse = (why: string, more: Pick<VerifyResult, 'unpublished'> = {}) => {
    report.skip(
      wanted.map(({ name }) => name),
      why,
    )
    return result({ ...more, rows: byFact(() => 0) })
  }

  const damaged: string[] = []
  const whole = await report.check('files', async () => {
    const files = await checkFiles(ports, world, raw, quick, undefined, merged?.whole)
    const kept = await checkKept(ports, world, quick)
    damaged.push(...files.differences.flatMap(({ file }) => file ?? []))
    return { compared: files.compared + kept.length, differences: [...files.differences, ...kept] }
  })
  // A missing file makes raw unreadable, so nothing can be compared until it is restored.
  if (live.by !== 'broker') merged?.mustStillHold(cut, damaged)
  if (!whole && report.differences.some(makesRawUnreadable)) return nothingElse('files are missing')
  const ahead = behind ? { unpublished: cutText(raw) } : {}
  await report.check('database', () => checkDatabase(ports))
  let arrived: Awaited<ReturnType<typeof readDelivered>> | undefined
  if (live.by === 'broker') {
    arrived = await readDelivered(ports, live, world, true)
    shown.live = arrived.delivered.cut.live
    const { ledger } = arrived
    await report.check('delivery', async () => checkDelivery(live, ledger))
    // With a broker, the model is as far as staging.
    cut.model = cut.marts
  }
  cut.raw = shown.live
  merged?.mustStillHold(cut, damaged)

  await using reader = await warehouse.reader('lake').catch((error) => {
    if (whole || errnoFrom(error) !== undefined) throw error
    return undefined
  })
  if (!reader) return nothingElse('files are damaged', ahead)
  const truth = merged?.truth ?? (await (early?.done ?? recompute(world, config, cut, workers, signal)))
  const where = arrived?.delivered.where ?? (await notYet(ports, world, cut.raw, reader.dialect))
  const relations = relationsOf(reader.dialect, { end: loadsRaw ? cut.raw : undefined, where })
  const about = { ports, config, world, cut, quick, workers, signal }
  const context = {
    ...about,
    raw: relations,
    reader,
    truth,
    measured: merged?.measures,
    dimensions: dimensionRows(world),
  }
  for (const { name, work } of wanted) await report.check(name, () => work(context))
  return result({
    ...ahead,
    rows: rowsIn(truth),
    billedBytes: reader.billedBytes(),
    ...(arrived && { delivery: deliveryOf(arrived.ledger) }),
  })
}

/** Opening a path that is not a regular file may block. */
const makesRawUnreadable = ({ kind, table, found }: VerifyDifference): boolean =>
  !BESIDE_RAW.includes(table) && (kind === 'missing' || / not a file$/.test(found ?? ''))
const BESIDE_RAW = ['the workspace', 'the database']
