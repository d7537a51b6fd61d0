import path from 'node:path'
import type { Invocation } from './invocation.ts'

/** The dbt project and its working folders; nothing is written into the project's own folder. */
export interface DbtProject {
  /** The Python of the private environment. */
  python: string
  /** Contains dbt_project.yml, profiles.yml, and run.py. */
  project: string
  /** Folder for dbt's target and logs. */
  work: string
  /** Variables that the profile reads: RETAIL_DATABASE, … */
  env: Readonly<Record<string, string>>
}

export interface DbtBuildOptions {
  target: string
  select?: readonly string[]
  exclude?: readonly string[] | undefined
  fullRefresh?: boolean | undefined
  /** Passed to dbt unchanged, last. */
  extra?: readonly string[]
}

/** Builds and tests models in dependency order. */
export function dbtBuild(
  { python, project, work, env }: DbtProject,
  { target, select = [], exclude = [], fullRefresh = false, extra = [] }: DbtBuildOptions,
): Invocation {
  return {
    file: python,
    // -I: isolates it from modules in the working folder and from PYTHON* variables.
    args: [
      ...['-I', path.join(project, 'run.py'), 'build', '--target', target],
      ...['--project-dir', project, '--profiles-dir', project],
      ...['--target-path', dbtTargetFolder(work), '--log-path', path.join(work, 'logs')],
      ...['--no-version-check', '--no-use-colors', '--log-level-file', 'none'],
      ...(select.length > 0 ? ['--select', ...select] : []),
      ...(exclude.length > 0 ? ['--exclude', ...exclude] : []),
      ...(fullRefresh ? ['--full-refresh'] : []),
      ...extra,
    ],
    env: { ...env, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false', DO_NOT_TRACK: '1' },
  }
}

export const dbtTargetFolder = (work: string): string => path.join(work, 'target')
export const dbtResultsFile = (work: string): string => path.join(dbtTargetFolder(work), 'run_results.json')
