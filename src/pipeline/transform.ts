import path from 'node:path'
import { advise, retail } from '../advice.ts'
import type { Config } from '../config/schema.ts'
import { fs } from '../disk.ts'
import { RetailError } from '../errors.ts'
import type { Build, Building, OwnPanel, OwnRelation, Ports } from '../ports/index.ts'
import { formatSecond } from '../time.ts'
import { dbtBuild, dbtManifestFile, dbtResultsFile } from '../tools/dbt.ts'
import { type ManifestNode, parseManifest } from '../tools/dbt-manifest.ts'
import { borrowParsed, lendParsed } from '../tools/dbt-parsed.ts'
import { type DbtBuilt, type DbtOutcome, firstDbtError, OUR_PROJECT, parseDbtResults } from '../tools/dbt-results.ts'
import { altersBuild, isFullRefresh, matchesNothing, selectsPart, unmatchedIn } from '../tools/dbt-selection.ts'
import { clearTarget, sealTarget } from '../tools/dbt-target.ts'
import { run } from '../tools/run.ts'
import { buildWorld } from '../world/world.ts'
import { type DbtPlace, dbtPlace, digestsOf } from './dbt-place.ts'
import { readDelivered } from './delivery/delivered.ts'
import { type DeliveryNote, deliveryOf, type Ledger } from './delivery/ledger.ts'
import { enter } from './enter.ts'
import { faultsSent } from './live/faults-sent.ts'
import { coverWorld, removeSuperseded } from './live/layout.ts'
import { refuseMisplaced } from './misplaced.ts'
import type { Moved } from './moved.ts'
import { movedFrom, shortfall } from './moved.ts'
import { parseOwnPanel } from './own-panel.ts'
import { unable } from './preconditions.ts'
import { recorded } from './record.ts'
import { nextLog } from './transform-log.ts'
import { refuseDamage } from './verify/refuse.ts'

export interface TransformResult {
  models: number
  tests: number
  failed: string[]
  warned: string[]
  /** The file of each failure, from the folder of retail.yaml if it is the user's, and what dbt says about it. */
  failures: { name: string; file: string | undefined; message: string }[]
  published: boolean
  /** The models that were built, if only a part was selected; all others are unchanged. */
  selected?: string[] | undefined
  /** Nothing is new, and what is published passed all tests: dbt did not run. */
  unchanged?: boolean | undefined
  /** The data that the marts were built from. */
  cut: { history: string; live: string } | undefined
  /** What it left out; undefined where nothing can be. */
  delivery?: DeliveryNote | undefined
  /** Bytes that BigQuery billed for it; undefined locally. */
  billedBytes?: number | undefined
  moved?: Moved | undefined
  seconds: number
}

export interface TransformOptions {
  select?: readonly string[]
  fullRefresh?: boolean
  allowFailures?: boolean
  /** Tests everything, not only the periods that changed. */
  fullTests?: boolean
  /** Passed to dbt unchanged. */
  dbtArgs?: readonly string[]
  signal?: AbortSignal
  /** 'installing dbt in ~/.cache/retail/python (once, about 20 s)', 'publishing', … */
  onStep?: (text: string) => void
  /** dbt's own lines, for stderr; the log keeps them, too. */
  onOutput?: (line: string) => void
  /** Lines that only --verbose shows: those of the installer of the Python environment. */
  onDetail?: (line: string) => void
}

/** Builds and tests staging and marts in a private build; readers see them only after all tests have passed. */
export async function transform(ports: Ports, config: Config, options: TransformOptions): Promise<TransformResult> {
  const { workspace } = ports
  const { dbt } = ports.warehouse
  if (!dbt.can) throw unable(`target ${ports.target.name} has no transform`, dbt)
  const world = buildWorld(config)
  await enter('transform', ports, config, world)
  const before = await ports.warehouse.published()
  const moved = movedFrom(before, ports.lake.location)
  await refuseMisplaced(ports, world, before?.raw)
  const less = shortfall(ports.warehouse, before, coverWorld(await ports.lake.layout(), world))
  if (less) throw less
  return recorded(workspace, 'transform', async () => {
    const started = performance.now()
    const log = nextLog(path.join(workspace.folder, 'logs'))
    // Before the build is opened: the first environment takes a while, and no other process needs to wait for it.
    const place = await dbtPlace(ports, config, dbt, { ...options, log })
    // A clock that is behind puts events before an instant that was published: only a whole build takes them.
    const fullRefresh = options.fullRefresh || (await faultsSent(ports)) !== undefined
    const built = await buildAndPublish(ports, dbt, place, log, config, { ...options, fullRefresh })
    // Only now: until here, this process was itself a reader. Raw that has rows of its own reads no file, and whoever builds from it
    // may have no right to remove one.
    if (built.published && ports.warehouse.traits.raw.of === 'views') await removeSuperseded(ports, world)
    return { ...built, ...(built.published && moved && { moved }), seconds: (performance.now() - started) / 1000 }
  })
}

async function buildAndPublish(
  ports: Ports,
  dbt: Extract<Building, { can: true }>,
  place: DbtPlace,
  log: string,
  config: Config,
  options: TransformOptions,
): Promise<Omit<TransformResult, 'seconds'>> {
  const { onStep, allowFailures = false, fullRefresh = false, fullTests = false, select = [], dbtArgs = [] } = options
  const { live } = ports
  const scope = {
    part: selectsPart(select, dbtArgs),
    whole: fullRefresh || dbtArgs.some(isFullRefresh),
    ...digestsOf(place),
  }
  let ledger: Ledger | undefined
  const delivered = async () => {
    if (live.by === 'lake') throw new Error('raw is views of the lake')
    const read = await readDelivered(ports, live, buildWorld(config), scope.whole)
    ledger = read.ledger
    return read.delivered
  }
  await using build = await dbt.openBuild(delivered, scope)
  await refuseDamage(ports, buildWorld(config), build.cut, fullTests ? undefined : build.reads)
  const times = (): Pick<TransformResult, 'cut' | 'delivery'> => ({
    cut: { history: formatSecond(build.cut.history), live: formatSecond(build.cut.live) },
    ...(ledger && { delivery: deliveryOf(ledger) }),
  })
  if (build.unchanged && !fullTests && dbtArgs.length === 0) {
    fs.writeFileSync(log, 'nothing new\n')
    onStep?.('publishing')
    // Raw may have moved on without a row, and the public file may have been changed.
    await build.publish([])
    return { models: 0, tests: 0, failed: [], warned: [], failures: [], published: true, unchanged: true, ...times() }
  }
  onStep?.('building and testing staging and marts with dbt')
  const { outcome, built } = await runDbt(build, place, log, config, {
    ...options,
    sharesParsed: dbt.parsesAlike && place.project === place.package,
  })
  const nodes = parseManifest(fs.readFileSync(dbtManifestFile(place.work), 'utf8'))
  const panels = ownPanels(nodes, place, build.env.RETAIL_BUILD ?? 'marts').sort((a, b) => (a.table < b.table ? -1 : 1))
  // Models that were not built are of another instant than those that were.
  const published = (outcome.failed.length === 0 || allowFailures) && built.whole
  if (published) {
    onStep?.('publishing')
    const untested = outcome.failed.length > 0 || altersBuild(dbtArgs)
    await build.publish(built.models, { untested, own: { relations: ownRelations(nodes), panels } })
  }
  const failures = outcome.failures.map(({ id, name, message }) => {
    const node = nodes.find((each) => each.id === id)
    return { name, message, file: node && fileOf(node, place) }
  })
  const selected = scope.part ? built.models.map(({ name }) => name).sort() : undefined
  return {
    ...outcome,
    failures,
    published,
    ...(selected && { selected }),
    ...times(),
    ...(!published && { cut: undefined }),
  }
}

/** What the user's project makes. */
const ownRelations = (nodes: readonly ManifestNode[]): OwnRelation[] =>
  nodes.flatMap(({ project, kind, schema, name, isThere }) =>
    project === OUR_PROJECT || kind === 'test' || !isThere ? [] : [{ schema, name, kind }],
  )

/** What its models ask the dashboard for. */
const ownPanels = (nodes: readonly ManifestNode[], place: DbtPlace, marts: string): OwnPanel[] =>
  nodes.flatMap((node) => {
    const { kind, name, schema, meta, isThere } = node
    if (kind !== 'model' || !isThere || meta.dashboard === undefined) return []
    const panel =
      schema === marts ? parseOwnPanel(name, meta.dashboard) : { wrong: 'only a table of marts can be shown' }
    if (!('wrong' in panel)) return [panel]
    throw new RetailError('bad_config', `meta.dashboard of the model ${name} is not valid: ${panel.wrong}`, {
      why: 'nothing was published; readers keep the previous marts',
      hint: advise`correct it in the properties of ${fileOf(node, place)}, then run ${retail('transform')}`,
    })
  })

/** `dbt/models/sales_by_size.sql` */
const fileOf = ({ project: of, file }: ManifestNode, { project }: DbtPlace): string =>
  of === OUR_PROJECT ? file : path.join(path.basename(project), file)

async function runDbt(
  build: Build,
  place: DbtPlace,
  log: string,
  config: Config,
  { sharesParsed, ...options }: TransformOptions & { sharesParsed: boolean },
): Promise<{ outcome: DbtOutcome; built: DbtBuilt }> {
  const { select, fullRefresh, fullTests, allowFailures, dbtArgs, signal, onOutput } = options
  const env = {
    RETAIL_SCHEMA: config.world.schema,
    RETAIL_TEMP: path.join(place.work, 'tmp'),
    ...build.env,
    ...(allowFailures && { RETAIL_TEST_SEVERITY: 'warn' }),
    ...(fullTests && { RETAIL_TESTS: 'full' }),
    ...(sharesParsed && { RETAIL_PARSED: 'shared' }),
  }
  const call = dbtBuild(
    { ...place, env },
    {
      ...{ target: build.profile, select, exclude: fullTests ? [] : build.skip, extra: dbtArgs },
      fullRefresh: fullRefresh || build.whole,
    },
  )
  const results = dbtResultsFile(place.work)
  const parsedAs = `${build.profile}-${config.world.schema}`
  // If dbt crashes before it writes its results, those of the previous run remain; it also reads what that run parsed.
  clearTarget(place.work)
  if (sharesParsed) borrowParsed(place, parsedAs)
  const said: string[] = []
  const selected = (select ?? []).flatMap((words) => words.split(/[\s,]+/))
  let unmatched: string | undefined
  const giveUp = new AbortController()
  const onLine = (line: string) => {
    said.push(line)
    onOutput?.(line)
    const criterion = unmatchedIn(line)
    if (criterion === undefined || !selected.includes(criterion)) return
    // dbt would build the rest of the selection, which would look like all of it.
    unmatched ??= criterion
    giveUp.abort('SIGTERM')
  }
  const either = AbortSignal.any([giveUp.signal, signal, build.lost].filter((each) => each !== undefined))
  const { exitCode } = await run(call, { signal: either, onLine, log, ...silenceOf(build) }).catch((error) => {
    if (unmatched !== undefined) throw matchesNothing(unmatched, place.projects)
    build.lost?.throwIfAborted()
    throw error instanceof RetailError && error.code === 'stopped' ? stopped() : error
  })
  sealTarget(place.work)
  if (sharesParsed) lendParsed(place, parsedAs)
  const done = fs.existsSync(results) ? parseDbtResults(fs.readFileSync(results, 'utf8'), allowFailures) : undefined
  if (unmatched !== undefined) throw matchesNothing(unmatched, place.projects)
  if (exitCode === 0 && done && done.outcome.models + done.outcome.tests === 0)
    throw nothingBuilt([...selected, ...(dbtArgs ?? [])])
  // 0: all passed, 1: a failure, named in the results; any other code is a crash.
  if (done && (exitCode === 0 || (exitCode === 1 && done.outcome.failed.length > 0))) return done
  throw new RetailError('tool_failed', 'dbt failed before it built anything', {
    why: firstDbtError(said),
    hint: `see ${log}`,
  })
}

/** Each part matches something, but nothing matches all of them; or the arguments after -- exclude everything. */
const nothingBuilt = (words: readonly string[]) =>
  new RetailError('bad_flag', 'the selection matches nothing to build', {
    why: `these arguments select no model and no test: ${words.join(' ')}`,
    hint: advise`${retail('transform')} builds all models`,
  })

const silenceOf = ({ service }: Build) =>
  service === undefined
    ? {}
    : { silence: { program: 'dbt', why: `${service} is working on a query, or does not answer` } }

const stopped = () =>
  new RetailError('stopped', 'stopped before anything was published', {
    why: 'readers keep the previous marts',
    hint: advise`${retail('transform')}`,
  })
