import { advise, retail } from '../advice.ts'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { Cut, Dialect, LakeLayout, Ports, Published } from '../ports/index.ts'
import { errnoFrom } from '../system-errors.ts'
import { byFact, type FactName } from '../tables/index.ts'
import { formatSecond, type Second } from '../time.ts'
import type { TruthCut } from '../truth/block-truth.ts'
import { instant } from '../truth/sql.ts'
import type { Truth } from '../truth/total.ts'
import { buildWorld, type World } from '../world/world.ts'
import { openLettersOf } from './dead-letters/open-letters.ts'
import { readDelivered } from './delivery/delivered.ts'
import { deliveryOf } from './delivery/ledger.ts'
import { enter } from './enter.ts'
import { faultsSent } from './live/faults-sent.ts'
import { coverWorld } from './live/layout.ts'
import { misplacedIn, without } from './misplaced.ts'
import { noDatabase } from './preconditions.ts'
import { recorded } from './record.ts'
import { rowChecks } from './verify/checks.ts'
import { dimensionRows } from './verify/dimensions.ts'
import { checkFiles } from './verify/files.ts'
import { checkKept } from './verify/kept.ts'
import { notYet } from './verify/not-yet.ts'
import { begun, recompute } from './verify/recompute.ts'
import { openReport, type ReportOptions } from './verify/report.ts'
import type { VerifyDifference, VerifyResult } from './verify/result.ts'
import { checkDatabase, checkDelivery } from './verify/warehouse.ts'

export interface VerifyOptions extends ReportOptions {
  /** Number of threads; 0: everything runs in the calling thread. */
  workers?: number
}

/** After faults, the expected data is not the whole world: `grade` knows what must be there. */
async function refuseFaults(ports: Ports): Promise<void> {
  const faults = await faultsSent(ports)
  if (!faults) return
  throw new RetailError('bad_flag', 'the events of this workspace have faults', {
    why: `verify expects every event on target ${ports.target.name} once and unchanged; they were sent with the profile ${faults.profile}`,
    hint: advise`grade the tables with the same profile: ${retail('grade', '--transactions', 'bigquery:PROJECT.DATASET.stg_transactions', '--until', '2024-04-02', '--faults', 'rough')}`,
  })
}

/** Recomputes the expected data and compares it with the actual data, down to the row. */
export async function verify(ports: Ports, config: Config, options: VerifyOptions): Promise<VerifyResult> {
  const world = buildWorld(config)
  await enter('verify', ports, config, world)
  await refuseFaults(ports)
  const published = await ports.warehouse.published()
  if (!published) throw noDatabase('verify', ports)
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
  const { live, lake, warehouse } = ports
  const { quick = false, signal, workers } = options
  const loadsRaw = warehouse.traits.raw.of === 'rows'
  const report = openReport(options)
  const wanted = rowChecks({ quick, marts: published.marts !== undefined, travels: live.by === 'broker' })
  const names = await lake.layout()
  const misplaced = await misplacedIn(ports, world, names, { published: published.raw })
  const layout = without(names, misplaced)
  const cover = coverWorld(layout, world)
  const raw: Cut = {
    history: Math.max(cover.history, published.raw.history),
    live: Math.max(cover.live, live.by === 'broker' ? published.raw.history : published.raw.live),
  }
  // The last writer may have been killed before it published.
  const behind = isBehind(published, layout, cover.history)
  // Rows that are not loaded yet are not compared; if raw is views, the reader sees them in the lake.
  const shown: Cut = loadsRaw && behind ? { ...published.raw } : raw
  // The model is a view: within a second, it shows rows that are not expected yet.
  const model = Number.isInteger(shown.live) ? {} : { model: Math.floor(shown.live) }
  const cut: TruthCut = { raw: shown.live, marts: published.marts?.live, ...model }
  // The expected data is computed while files are read, unless a query must first determine how far raw goes.
  await using early =
    live.by === 'broker' ? undefined : begun((stop) => recompute(world, config, cut, workers, stop), signal)

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

  const whole = await report.check('files', async () => {
    const [files, kept] = [await checkFiles(ports, world, raw, quick), await checkKept(ports, world, quick)]
    return { compared: files.compared + kept.length, differences: [...files.differences, ...kept] }
  })
  // A missing file makes raw unreadable, so nothing can be compared until it is restored.
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

  await using reader = await warehouse.reader('lake').catch((error) => {
    if (whole || errnoFrom(error) !== undefined) throw error
    return undefined
  })
  if (!reader) return nothingElse('files are damaged', ahead)
  const truth = await (early?.done ?? recompute(world, config, cut, workers, signal))
  const where = arrived?.delivered.where ?? (await notYet(ports, world, cut.raw, reader.dialect))
  const relations = byFact((name) => relationOf(reader.dialect, name, loadsRaw ? cut.raw : undefined, where?.[name]))
  const about = { ports, config, world, cut, quick, workers, signal }
  const context = { ...about, raw: relations, reader, truth, dimensions: dimensionRows(world) }
  for (const { name, work } of wanted) await report.check(name, () => work(context))
  return result({
    ...ahead,
    rows: rowsOf(truth),
    billedBytes: reader.billedBytes(),
    ...(arrived && { delivery: deliveryOf(arrived.ledger) }),
  })
}

/** `end`: BigQuery refuses to read a fact without a condition on the time beside its name. */
function relationOf(dialect: Dialect, name: FactName, end: Second | undefined, where: string | undefined): string {
  const relation = dialect.relation('raw', name)
  const before = end === undefined ? undefined : `${dialect.column('timestamp')} < ${instant(dialect, end)}`
  const conditions = [before, where].filter((condition) => condition !== undefined)
  return conditions.length === 0 ? relation : `(SELECT * FROM ${relation} WHERE ${conditions.join(' AND ')})`
}

const isBehind = ({ raw, generation }: Published, layout: LakeLayout, history: number): boolean =>
  raw.history !== history || generation !== layout.generation

/** Opening a path that is not a regular file may block. */
const makesRawUnreadable = ({ kind, table, found }: VerifyDifference): boolean =>
  !BESIDE_RAW.includes(table) && (kind === 'missing' || / not a file$/.test(found ?? ''))
const BESIDE_RAW = ['the workspace', 'the database']

const rowsOf = ({ facts }: Truth): VerifyResult['rows'] =>
  byFact((name) => Number(facts[name].reduce((n, day) => n + day.rows, 0n)))

const cutText = ({ history, live }: Cut) => ({ history: formatSecond(history), live: formatSecond(live) })
