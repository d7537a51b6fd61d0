import path from 'node:path'
import type { Config } from '../config/schema.ts'
import type { Build, Building, Ports } from '../ports/index.ts'
import { dbtCall } from '../tools/dbt.ts'
import { runHere } from '../tools/run.ts'
import { buildWorld } from '../world/world.ts'
import { dbtPlace, digestsOf } from './dbt-place.ts'
import { readDelivered } from './delivery/delivered.ts'
import { enter } from './enter.ts'
import { unable } from './preconditions.ts'
import { nextLog } from './transform-log.ts'

export interface DbtOptions {
  /** dbt's own words: `docs generate`. */
  words: readonly string[]
  /** Whether stdout is a terminal that takes colors. */
  colors: boolean
  signal?: AbortSignal
  onStep?: (text: string) => void
  /** dbt is about to print. */
  onStart?: () => void
  onDetail?: (line: string) => void
}

/** Commands that read files only. */
const WITHOUT_DATABASE = /^(parse|ls|list|deps|clean|docs serve|)$/
/** Commands that come before packages, or remove them. */
const WITHOUT_PACKAGES = /^(deps|clean|init|)$/
const ABOUT_DBT = ['--help', '-h', '--version', '-V']

/**
 * Runs a command of dbt, which prints where we print, and resolves to its exit code. It works in the build of a
 * transform that never publishes: as the lake is now, with its lock, and with nothing left for the next one.
 */
export async function dbt(ports: Ports, config: Config, options: DbtOptions): Promise<number> {
  const { words, colors, signal } = options
  const { workspace, warehouse, target } = ports
  const building = warehouse.dbt
  if (!building.can) throw unable(`target ${target.name} has no dbt`, building)
  const command = commandOf(words)
  const needsDatabase = !WITHOUT_DATABASE.test(command)
  await enter('dbt', ports, config, buildWorld(config), needsDatabase ? ['dimensions', 'history'] : [])
  const log = nextLog(path.join(workspace.folder, 'logs'), 'dbt')
  const place = await dbtPlace(ports, config, building, {
    ...options,
    log,
    withoutPackages: WITHOUT_PACKAGES.test(command),
  })
  const common = { RETAIL_SCHEMA: config.world.schema, RETAIL_TEMP: path.join(place.work, 'tmp'), RETAIL_TESTS: 'full' }
  const call = ({ profile, env, lost }: Pick<Build, 'profile' | 'env' | 'lost'>) => {
    options.onStart?.()
    const either = AbortSignal.any([signal, lost].filter((each) => each !== undefined))
    return runHere(dbtCall({ ...place, env: { ...common, ...env } }, { target: profile, words, colors }), either)
  }
  if (!needsDatabase) return await call(building.parsing)
  await using build = await openBuild(ports, config, building, digestsOf(place))
  return await call(build)
}

async function openBuild(
  ports: Ports,
  config: Config,
  building: Extract<Building, { can: true }>,
  digests: ReturnType<typeof digestsOf>,
) {
  const { live } = ports
  const delivered = async () => {
    if (live.by === 'lake') throw new Error('raw is views of the lake')
    return (await readDelivered(ports, live, buildWorld(config), false)).delivered
  }
  return await building.openBuild(delivered, { ...digests, command: 'dbt' })
}

/** `docs serve`, `ls`; empty for what only tells about dbt. */
export function commandOf(words: readonly string[]): string {
  if (words.some((word) => ABOUT_DBT.includes(word))) return ''
  const at = words.findIndex((word) => !word.startsWith('-'))
  if (at < 0) return ''
  return words[at] === 'docs' || words[at] === 'source' ? `${words[at]} ${words[at + 1] ?? ''}`.trim() : words[at]
}
