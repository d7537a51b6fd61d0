import path from 'node:path'
import type { Invocation } from './invocation.ts'

/** The dbt project and its working folders; nothing is written into the folder of our package. */
export interface DbtProject {
  /** The Python of the private environment. */
  python: string
  /** Our own project: contains profiles.yml and run.py. */
  package: string
  /** The project to build: ours, or the user's, which imports ours. */
  project: string
  /** Folder for dbt's target and logs. */
  work: string
  /** Variables that the profile reads: RETAIL_DATABASE, … */
  env: Readonly<Record<string, string>>
}

export interface DbtBuildOptions {
  target: string
  select?: readonly string[] | undefined
  /** No test comes with a model that is selected. */
  onlySelected?: boolean | undefined
  exclude?: readonly string[] | undefined
  fullRefresh?: boolean | undefined
  /** Passed to dbt unchanged, last. */
  extra?: readonly string[]
}

/** Builds and tests models in dependency order. */
export function dbtBuild(
  dbt: DbtProject,
  { target, select = [], onlySelected = false, exclude = [], fullRefresh = false, extra = [] }: DbtBuildOptions,
): Invocation {
  return start(dbt, [
    ...['build', ...commonOptions(dbt, target)],
    ...(select.length > 0 ? ['--select', ...select] : []),
    ...(onlySelected ? ['--indirect-selection', 'empty'] : []),
    ...(exclude.length > 0 ? ['--exclude', ...exclude] : []),
    ...(fullRefresh ? ['--full-refresh'] : []),
    ...extra,
  ])
}

/** Reads the project and writes its manifest; calls no database. */
export function dbtParse(dbt: DbtProject, target: string): Invocation {
  return start(dbt, ['parse', ...commonOptions(dbt, target)])
}

const commonOptions = ({ package: ours, project, work }: DbtProject, target: string): string[] => [
  ...['--target', target, '--project-dir', project, '--profiles-dir', ours],
  ...['--target-path', dbtTargetFolder(work), '--log-path', path.join(work, 'logs')],
  ...['--no-version-check', '--no-use-colors', '--log-level-file', 'none'],
]

/**
 * Any command of dbt, with the words that the user gave. Project, profile, and target are variables, which its flags
 * override. What it writes stays apart from what `dbtBuild` trusts.
 */
export function dbtCall(
  dbt: DbtProject,
  { target, words, colors }: { target: string; words: readonly string[]; colors: boolean },
): Invocation {
  const { package: ours, project, work } = dbt
  const env = {
    DBT_TARGET: target,
    DBT_PROJECT_DIR: project,
    DBT_PROFILES_DIR: ours,
    DBT_TARGET_PATH: path.join(work, 'calls'),
    DBT_LOG_PATH: path.join(work, 'logs'),
    DBT_LOG_LEVEL_FILE: 'none',
    DBT_VERSION_CHECK: 'false',
    DBT_USE_COLORS: String(colors),
  }
  return start({ ...dbt, env: { ...dbt.env, ...env } }, words)
}

const start = ({ python, package: ours, env }: DbtProject, words: readonly string[]): Invocation => ({
  file: python,
  // -I: isolates it from modules in the working folder and from PYTHON* variables.
  args: ['-I', path.join(ours, 'run.py'), ...words],
  env: { RETAIL_DBT: ours, ...env, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false', DO_NOT_TRACK: '1' },
})

export const dbtTargetFolder = (work: string): string => path.join(work, 'target')
export const dbtResultsFile = (work: string): string => path.join(dbtTargetFolder(work), 'run_results.json')
export const dbtManifestFile = (work: string): string => path.join(dbtTargetFolder(work), 'manifest.json')
