import { advise, retail } from '../../advice.ts'
import { closest } from '../../config/closest.ts'
import type { Config } from '../../config/schema.ts'
import { RetailError } from '../../errors.ts'
import type { Build, BuiltModel, OwnMade, Ports, RunInBuild } from '../../ports/index.ts'
import type { DbtDone } from '../../tools/dbt-results.ts'
import { type DbtStep, stepsOf } from '../../tools/dbt-steps.ts'
import { buildWorld } from '../../world/world.ts'
import { type DbtPlace, digestsOf } from '../dbt-place.ts'
import type { Moved } from '../moved.ts'
import { unable } from '../preconditions.ts'
import { type AbleToBuild, inPlace, isWhole, sharesParsed, type TransformOptions, timesOf } from '../transform.ts'
import { refuseDamage } from '../verify/refuse.ts'
import { writeModelList } from './model-list.ts'
import { readManifest, readProject, runDbt } from './run-dbt.ts'
import { type FailureAt, failureAt, userMade } from './user-made.ts'

/** What a command of a run does: the first, those that build models, and the last. */
export type RunStep = { do: 'begin' } | { do: 'model'; names: readonly string[] } | { do: 'publish' }

export interface RunStepResult {
  run: string
  did: RunStep['do']
  /** All models, seeds, and snapshots, each after those that it needs. */
  models: { name: string; after: string[]; built: boolean }[]
  /** Those that this command was to build. */
  asked?: readonly string[] | undefined
  /** It was done before: nothing was left to do. */
  already: boolean
  /** At the beginning: nothing is new since the published marts. */
  unchanged?: boolean | undefined
  /** Of this command; at the beginning, those to come. */
  tests: number
  failed: string[]
  failures: FailureAt[]
  warned: string[]
  published: boolean
  cut: { history: string; live: string } | undefined
  moved?: Moved | undefined
  seconds: number
}

export type RunOptions = Pick<
  TransformOptions,
  'fullRefresh' | 'fullTests' | 'signal' | 'onStep' | 'onOutput' | 'onDetail'
>

/** What the commands of a run tell each other. */
interface Note {
  steps: (DbtStep & { built?: BuiltModel[] })[]
  own: OwnMade
  fullTests: boolean
  fullRefresh: boolean
}

/** One command of a run: together they do what one transform does, with a process for each model. */
export async function transformStep(
  ports: Ports,
  config: Config,
  run: string,
  step: RunStep,
  options: RunOptions,
): Promise<RunStepResult> {
  const { dbt } = ports.warehouse
  if (dbt.can && !dbt.runs.can) throw unable(`target ${ports.target.name} builds all models in one step`, dbt.runs)
  const result = await inPlace(ports, config, options, async (place, log, able) => {
    const at = { ports, config, run, place, log, dbt: able, options }
    if (step.do === 'begin') return await begin(at)
    return step.do === 'model' ? await buildModels(at, step.names) : await publish(at)
  })
  return { run, did: step.do, ...result }
}

interface At {
  ports: Ports
  config: Config
  run: string
  place: DbtPlace
  log: string
  dbt: AbleToBuild
  options: RunOptions
}

type Done = Omit<RunStepResult, 'run' | 'did' | 'moved' | 'seconds'>

async function begin(at: At): Promise<Done> {
  const { ports, config, place, log, dbt, options } = at
  const { fullTests = false, onStep } = options
  const fullRefresh = await isWhole(ports, options)
  await using build = await openBuild(at, true, fullRefresh)
  await refuseDamage(ports, buildWorld(config), build.cut, fullTests ? undefined : build.reads)
  onStep?.('reading the dbt project')
  const nodes = await readProject(build, place, log, config, {
    ...options,
    sharesParsed: sharesParsed(dbt, place),
  })
  const steps = stepsOf(nodes)
  writeModelList(place, steps)
  await keep(build, { steps, own: userMade(nodes, place, build), fullTests, fullRefresh })
  return {
    ...NOTHING_DONE,
    ...{ models: progressOf(steps), unchanged: build.unchanged, cut: timesOf(build) },
    tests: steps.reduce((sum, { tests }) => sum + tests.length, 0),
  }
}

async function buildModels(at: At, names: readonly string[]): Promise<Done> {
  const { config, run, place, log, dbt, options } = at
  await using build = await openBuild(at, false)
  const note = noteOf(build)
  if (!note) return { ...NOTHING_DONE, asked: names, already: true }
  const asked = names.map((name) => {
    const step = note.steps.find((each) => each.name === name)
    if (!step) throw noSuchModel(name, note)
    return step
  })
  const common = { ...NOTHING_DONE, asked: names, cut: timesOf(build) }
  const left = asked.filter(({ built }) => !built)
  if (left.length === 0) return { ...common, models: progressOf(note.steps), already: true }
  for (const { name, after } of left) {
    const first = note.steps.find((each) => after.includes(each.name) && !each.built && !left.includes(each))
    if (first) throw tooEarly(run, name, first.name)
  }
  options.onStep?.(`building and testing ${left.map(({ name }) => name).join(', ')} with dbt`)
  const done = await runDbt(build, place, log, config, {
    ...options,
    sharesParsed: sharesParsed(dbt, place),
    ...{ select: left.flatMap(({ select }) => select), onlySelected: true },
    ...{ fullTests: note.fullTests, fullRefresh: note.fullRefresh },
  })
  const { outcome, built } = done
  const failed = outcome.failed.length > 0
  if (!failed) {
    mustBeAll(left, done)
    for (const step of left) step.built = built.models.filter(({ id }) => id === step.id)
    await keep(build, note)
  }
  const nodes = failed ? readManifest(place) : []
  return {
    ...common,
    ...{ models: progressOf(note.steps), tests: outcome.tests, failed: outcome.failed, warned: outcome.warned },
    failures: outcome.failures.map((failure) => failureAt(failure, nodes, place)),
  }
}

async function publish(at: At): Promise<Done> {
  const { ports, config, run, options } = at
  await using build = await openBuild(at, false)
  const note = noteOf(build)
  if (!note) return { ...NOTHING_DONE, already: true, published: true, cut: timesOf(build) }
  const left = note.steps.filter(({ built }) => !built).map(({ name }) => name)
  if (left.length > 0) throw notBuilt(run, left, note.steps.length)
  // The run may have taken hours.
  await refuseDamage(ports, buildWorld(config), build.cut, note.fullTests ? undefined : build.reads)
  options.onStep?.('publishing')
  await build.publish(
    note.steps.flatMap(({ built = [] }) => built),
    { own: note.own },
  )
  const models = progressOf(note.steps)
  return { ...NOTHING_DONE, models, published: true, cut: timesOf(build) }
}

const NOTHING_DONE: Done = {
  ...{ models: [], already: false, tests: 0, failed: [], failures: [], warned: [] },
  ...{ published: false, cut: undefined },
}

async function openBuild({ dbt, run, place }: At, begins: boolean, whole = false): Promise<Build> {
  const delivered = async () => {
    throw new Error('raw is views of the lake')
  }
  return await dbt.openBuild(delivered, { ...digestsOf(place), whole, run: { id: run, begins } })
}

/** Undefined: the run has published. */
const noteOf = (build: Build): Note | undefined => (runOf(build).over ? undefined : (runOf(build).kept as Note))

const keep = (build: Build, note: Note): Promise<void> => runOf(build).keep(note)

function runOf({ run }: Build): RunInBuild {
  if (!run) throw new Error('this build belongs to no run')
  return run
}

const progressOf = (steps: Note['steps']): RunStepResult['models'] =>
  steps.map(({ name, after, built }) => ({ name, after, built: built !== undefined }))

/** dbt succeeds over what it does not select. */
function mustBeAll(steps: readonly DbtStep[], { ran }: DbtDone): void {
  const lacking = steps.flatMap(({ id, tests }) => [id, ...tests]).filter((each) => !ran.includes(each))
  if (lacking.length === 0) return
  throw new RetailError('tool_failed', 'dbt did not run everything', { why: `its results lack ${lacking.join(', ')}` })
}

function noSuchModel(name: string, { steps }: Note): RetailError {
  const near = closest(
    name,
    steps.map((step) => step.name),
  )
  return new RetailError('bad_flag', `the run has no model ${name}`, {
    why: near ? `did you mean ${near}?` : `it has ${steps.map((step) => step.name).join(', ')}`,
  })
}

const tooEarly = (run: string, name: string, first: string) =>
  new RetailError('refused', `${name} needs ${first}, which the run ${run} has not built yet`, {
    hint: advise`build it first: ${retail('transform', '--run', run, '--model', first)}`,
  })

const notBuilt = (run: string, left: readonly string[], all: number) =>
  new RetailError('refused', `the run ${run} has not built ${left.length} of its ${all} models`, {
    why: `${left.join(', ')}: not built, or failed; readers keep the previous marts`,
    hint: advise`build them, then publish: ${retail('transform', '--run', run, '--model', left[0])}`,
  })
