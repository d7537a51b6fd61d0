import path from 'node:path'
import type { Config } from '../config/schema.ts'
import { fs } from '../disk.ts'
import type { Build, Building, Ports } from '../ports/index.ts'
import { formatSecond } from '../time.ts'
import { altersBuild, isFullRefresh, selectsPart } from '../tools/dbt-selection.ts'
import { stepsOf } from '../tools/dbt-steps.ts'
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
import { unable } from './preconditions.ts'
import { recorded } from './record.ts'
import { writeModelList } from './transform/model-list.ts'
import { readManifest, runDbt } from './transform/run-dbt.ts'
import { type FailureAt, failureAt, userMade } from './transform/user-made.ts'
import { nextLog } from './transform-log.ts'
import { refuseDamage } from './verify/refuse.ts'

export interface TransformResult {
  models: number
  tests: number
  failed: string[]
  warned: string[]
  failures: FailureAt[]
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
  return await inPlace(ports, config, options, async (place, log, dbt) => {
    return await buildAndPublish(ports, dbt, place, log, config, {
      ...options,
      fullRefresh: await isWhole(ports, options),
    })
  })
}

/** A clock that is behind puts events before an instant that was published: only a whole build takes them. */
export const isWhole = async (ports: Ports, { fullRefresh }: Pick<TransformOptions, 'fullRefresh'>): Promise<boolean> =>
  fullRefresh || (await faultsSent(ports)) !== undefined

export const timesOf = ({ cut }: Pick<Build, 'cut'>) => ({
  history: formatSecond(cut.history),
  live: formatSecond(cut.live),
})

/** What dbt parses depends on the target alone, unless there is a project of the user. */
export const sharesParsed = ({ parsesAlike }: AbleToBuild, place: DbtPlace): boolean =>
  parsesAlike && place.project === place.package

export type AbleToBuild = Extract<Building, { can: true }>

/** What every command that builds does before and after its work. */
export async function inPlace<T extends { published: boolean }>(
  ports: Ports,
  config: Config,
  options: TransformOptions,
  work: (place: DbtPlace, log: string, dbt: AbleToBuild) => Promise<T>,
): Promise<T & { moved?: Moved; seconds: number }> {
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
    const done = await work(place, log, dbt)
    // Only now: until here, this process was itself a reader. Raw that has rows of its own reads no file, and whoever builds from it
    // may have no right to remove one.
    if (done.published && ports.warehouse.traits.raw.of === 'views') await removeSuperseded(ports, world)
    return { ...done, ...(done.published && moved && { moved }), seconds: (performance.now() - started) / 1000 }
  })
}

async function buildAndPublish(
  ports: Ports,
  dbt: AbleToBuild,
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
    cut: timesOf(build),
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
    sharesParsed: sharesParsed(dbt, place),
  })
  const nodes = readManifest(place)
  const own = userMade(nodes, place, build)
  writeModelList(place, stepsOf(nodes))
  // Models that were not built are of another instant than those that were.
  const published = (outcome.failed.length === 0 || allowFailures) && built.whole
  if (published) {
    onStep?.('publishing')
    const untested = outcome.failed.length > 0 || altersBuild(dbtArgs)
    await build.publish(built.models, { untested, own })
  }
  const selected = scope.part ? built.models.map(({ name }) => name).sort() : undefined
  return {
    ...outcome,
    failures: outcome.failures.map((failure) => failureAt(failure, nodes, place)),
    published,
    ...(selected && { selected }),
    ...times(),
    ...(!published && { cut: undefined }),
  }
}
