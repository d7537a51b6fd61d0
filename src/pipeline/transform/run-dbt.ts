import path from 'node:path'
import { advise, retail } from '../../advice.ts'
import type { Config } from '../../config/schema.ts'
import { fs } from '../../disk.ts'
import { RetailError } from '../../errors.ts'
import type { Build } from '../../ports/index.ts'
import { type DbtProject, dbtBuild, dbtManifestFile, dbtParse, dbtResultsFile } from '../../tools/dbt.ts'
import { type ManifestNode, parseManifest } from '../../tools/dbt-manifest.ts'
import { borrowParsed, lendParsed } from '../../tools/dbt-parsed.ts'
import { type DbtDone, firstDbtError, parseDbtResults } from '../../tools/dbt-results.ts'
import { matchesNothing, unmatchedIn } from '../../tools/dbt-selection.ts'
import { clearTarget, sealTarget } from '../../tools/dbt-target.ts'
import type { Invocation } from '../../tools/invocation.ts'
import { run } from '../../tools/run.ts'
import type { DbtPlace } from '../dbt-place.ts'
import type { TransformOptions } from '../transform.ts'

export interface DbtRunOptions extends Omit<TransformOptions, 'onStep' | 'onDetail'> {
  /** Whether what dbt parses is the same in every workspace. */
  sharesParsed: boolean
  /** Exactly what is selected: no test comes with a model. */
  onlySelected?: boolean
}

/** Builds and tests what is selected, in a build that is open. */
export async function runDbt(
  build: Build,
  place: DbtPlace,
  log: string,
  config: Config,
  options: DbtRunOptions,
): Promise<DbtDone> {
  const { select, onlySelected, fullRefresh, fullTests, allowFailures, dbtArgs, signal, onOutput } = options
  const results = dbtResultsFile(place.work)
  const selected = (select ?? []).flatMap((words) => words.split(/[\s,]+/))
  let unmatched: string | undefined
  const giveUp = new AbortController()
  const onLine = (line: string) => {
    onOutput?.(line)
    const criterion = unmatchedIn(line)
    if (criterion === undefined || !selected.includes(criterion)) return
    // dbt would build the rest of the selection, which would look like all of it.
    unmatched ??= criterion
    giveUp.abort('SIGTERM')
  }
  const { exitCode, said } = await callDbt(
    (project) =>
      dbtBuild(project, {
        ...{ target: build.profile, select, onlySelected, extra: dbtArgs },
        exclude: fullTests || onlySelected ? [] : build.skip,
        fullRefresh: fullRefresh || build.whole,
      }),
    ...([build, place, log, config] as const),
    {
      ...options,
      onOutput: onLine,
      signal: AbortSignal.any([giveUp.signal, signal].filter((each) => each !== undefined)),
    },
  ).catch((error) => {
    throw unmatched === undefined ? error : matchesNothing(unmatched, place.projects)
  })
  if (unmatched !== undefined) throw matchesNothing(unmatched, place.projects)
  const done = fs.existsSync(results) ? parseDbtResults(fs.readFileSync(results, 'utf8'), allowFailures) : undefined
  if (exitCode === 0 && done && done.ran.length === 0) throw nothingBuilt([...selected, ...(dbtArgs ?? [])])
  // 0: all passed, 1: a failure, named in the results; any other code is a crash.
  if (done && (exitCode === 0 || (exitCode === 1 && done.outcome.failed.length > 0))) return done
  throw crashed('dbt failed before it built anything', said, log)
}

/** Reads both projects; resolves to what they consist of. */
export async function readProject(
  build: Build,
  place: DbtPlace,
  log: string,
  config: Config,
  options: DbtRunOptions,
): Promise<ManifestNode[]> {
  const parse = (project: DbtProject) => dbtParse(project, build.profile)
  const { exitCode, said } = await callDbt(parse, build, place, log, config, options)
  if (exitCode !== 0) throw crashed('dbt cannot read the project', said, log)
  return readManifest(place)
}

export const readManifest = ({ work }: Pick<DbtPlace, 'work'>): ManifestNode[] =>
  parseManifest(fs.readFileSync(dbtManifestFile(work), 'utf8'))

async function callDbt(
  callOf: (project: DbtProject) => Invocation,
  build: Build,
  place: DbtPlace,
  log: string,
  config: Config,
  { sharesParsed, fullTests, allowFailures, signal, onOutput }: DbtRunOptions,
): Promise<{ exitCode: number; said: string[] }> {
  const env = {
    RETAIL_SCHEMA: config.world.schema,
    RETAIL_TEMP: path.join(place.work, 'tmp'),
    ...build.env,
    ...(allowFailures && { RETAIL_TEST_SEVERITY: 'warn' }),
    ...(fullTests && { RETAIL_TESTS: 'full' }),
    ...(sharesParsed && { RETAIL_PARSED: 'shared' }),
  }
  const parsedAs = `${build.profile}-${config.world.schema}`
  // If dbt crashes before it writes its results, those of the previous run remain; it also reads what that run parsed.
  clearTarget(place.work)
  if (sharesParsed) borrowParsed(place, parsedAs)
  const said: string[] = []
  const onLine = (line: string) => {
    said.push(line)
    onOutput?.(line)
  }
  const either = AbortSignal.any([signal, build.lost].filter((each) => each !== undefined))
  const { exitCode } = await run(callOf({ ...place, env }), {
    ...{ signal: either, onLine, log },
    ...silenceOf(build),
  }).catch((error) => {
    build.lost?.throwIfAborted()
    throw error instanceof RetailError && error.code === 'stopped' ? stopped() : error
  })
  sealTarget(place.work)
  if (sharesParsed) lendParsed(place, parsedAs)
  return { exitCode, said }
}

const crashed = (message: string, said: readonly string[], log: string) =>
  new RetailError('tool_failed', message, { why: firstDbtError(said), hint: `see ${log}` })

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
