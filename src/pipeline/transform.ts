import fs from 'node:fs'
import path from 'node:path'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { Build, Ports } from '../ports/index.ts'
import { formatSecond } from '../time.ts'
import { dbtBuild, dbtResultsFile } from '../tools/dbt.ts'
import { type DbtOutcome, firstDbtError, parseDbtResults } from '../tools/dbt-results.ts'
import { packageFolder } from '../tools/package-folder.ts'
import { pythonEnvironment } from '../tools/python-environment.ts'
import { run } from '../tools/run.ts'
import { buildWorld } from '../world/world.ts'
import { checkWorld } from './identity.ts'
import { recorded } from './record.ts'
import type { TransformResult } from './results.ts'
import { nextLog } from './transform-log.ts'

export interface TransformOptions {
  select?: readonly string[]
  fullRefresh?: boolean
  allowFailures?: boolean
  /** handed to dbt as they are */
  dbtArgs?: readonly string[]
  signal?: AbortSignal
  /** 'making a private Python environment (about 20 s, once)', 'dbt build', … */
  onStep?: (text: string) => void
  /** dbt's own lines, for stderr; the log keeps them too */
  onOutput?: (line: string) => void
  /** lines that only --verbose shows: those of the Python environment's installer */
  onDetail?: (line: string) => void
}

/** Builds and tests staging and marts in a build of its own; readers see them only when all of it passed. */
export async function transform(ports: Ports, config: Config, options: TransformOptions): Promise<TransformResult> {
  const { warehouse, workspace } = ports
  await checkWorld(ports, buildWorld(config), config)
  return recorded(workspace, 'transform', async () => {
    const started = performance.now()
    const { signal, onStep, onDetail, allowFailures = false } = options
    const project = path.join(packageFolder(), 'dbt')
    const log = nextLog(path.join(workspace.folder, 'logs'))
    // Before the build is opened: the first environment takes a while, and nobody needs to wait for it.
    const python = await pythonEnvironment({
      lock: path.join(project, config.target === 'gcp' ? 'requirements-bigquery.lock' : 'requirements.lock'),
      home: process.env.RETAIL_PYTHON_HOME || path.join(workspace.folder, 'python'),
      signal,
      log,
      onLine: onDetail,
      onMake: () => onStep?.('making a private Python environment (about 20 s, once)'),
    })
    await using build = await warehouse.openBuild()
    onStep?.('building and testing staging and marts with dbt')
    const outcome = await runDbt(
      build,
      { python, project, work: path.join(workspace.folder, 'dbt') },
      log,
      config,
      options,
    )
    const published = outcome.failed.length === 0 || allowFailures
    if (published) {
      onStep?.('publishing')
      await build.publish()
    }
    return {
      ...outcome,
      published,
      cut: published ? { history: formatSecond(build.cut.history), live: formatSecond(build.cut.live) } : undefined,
      seconds: (performance.now() - started) / 1000,
    }
  })
}

async function runDbt(
  build: Build,
  place: { python: string; project: string; work: string },
  log: string,
  config: Config,
  { select, fullRefresh, dbtArgs, signal, onOutput }: TransformOptions,
): Promise<DbtOutcome> {
  const env = { RETAIL_SCHEMA: config.world.schema, RETAIL_TEMP: path.join(place.work, 'tmp'), ...build.env }
  const call = dbtBuild({ ...place, env }, { target: build.profile, select, fullRefresh, extra: dbtArgs })
  const results = dbtResultsFile(place.work)
  // dbt leaves the last run's results when it crashes before its own.
  fs.rmSync(results, { force: true })
  const said: string[] = []
  const onLine = (line: string) => {
    said.push(line)
    onOutput?.(line)
  }
  const { exitCode } = await run(call, { signal, onLine, log }).catch((error) => {
    throw error instanceof RetailError && error.code === 'stopped' ? stopped() : error
  })
  const outcome = fs.existsSync(results) ? parseDbtResults(fs.readFileSync(results, 'utf8')) : undefined
  // 0: all passed, 1: something failed and is named in the results; anything else is a crash.
  if (outcome && (exitCode === 0 || (exitCode === 1 && outcome.failed.length > 0))) return outcome
  throw new RetailError('tool_failed', 'dbt stopped before it built anything', {
    why: firstDbtError(said),
    hint: `see ${log}`,
  })
}

const stopped = () =>
  new RetailError('stopped', 'stopped before anything was published', {
    why: 'readers keep the marts they had',
    hint: 'retail transform',
  })
