import path from 'node:path'
import type { Config } from '../config/schema.ts'
import type { Building, BuildScope, Ports } from '../ports/index.ts'
import type { DbtProject } from '../tools/dbt.ts'
import { installPackages } from '../tools/dbt-packages.ts'
import { packageProject, projectDigest, userProject } from '../tools/dbt-project.ts'
import { pythonEnvironment } from '../tools/python-environment.ts'
import { pythonHomes } from '../tools/python-homes.ts'

/** The paths of dbt, of the project to build, and of a private working folder. */
export interface DbtPlace extends Omit<DbtProject, 'env'> {
  /** Ours, and the user's if there is one. */
  projects: readonly string[]
}

export interface DbtPlaceOptions {
  log: string
  signal?: AbortSignal
  onStep?: (text: string) => void
  /** Lines that only --verbose shows: those of installers. */
  onDetail?: (line: string) => void
  /** The user's command installs packages itself. */
  withoutPackages?: boolean
}

/** Installs what dbt needs, if it is not there yet. */
export async function dbtPlace(
  { workspace }: Pick<Ports, 'workspace'>,
  config: Config,
  dbt: Extract<Building, { can: true }>,
  { log, signal, onStep, onDetail, withoutPackages = false }: DbtPlaceOptions,
): Promise<DbtPlace> {
  const ours = packageProject()
  const own = userProject(config.workspace)
  const python = await pythonEnvironment({
    lock: path.join(ours, dbt.requirements),
    homes: pythonHomes(workspace.folder, process.env),
    signal,
    log,
    onLine: onDetail,
    onMake: (home) => onStep?.(`installing dbt in ${home} (once, about 20 s)`),
  })
  const place = { python, package: ours, project: own ?? ours, work: path.join(workspace.folder, 'dbt') }
  const { profile, env } = dbt.parsing
  if (!withoutPackages) await installPackages({ ...place, env }, profile, { signal, log, onLine: onDetail, onStep })
  return { ...place, projects: own === undefined ? [ours] : [ours, own] }
}

/** What identifies both projects. */
export const digestsOf = ({
  projects: [ours, own],
}: Pick<DbtPlace, 'projects'>): Pick<BuildScope, 'project' | 'own'> => ({
  project: projectDigest(ours),
  own: own === undefined ? '' : projectDigest(own),
})
