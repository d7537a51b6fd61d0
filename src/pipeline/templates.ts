import path from 'node:path'
import { fs } from '../disk.ts'
import { packageFolder } from '../tools/package-folder.ts'
import { VERSION } from '../version.ts'
import { PACKAGE_FILE } from './package-file.ts'

/** What `init --with` can write beside retail.yaml: one folder of templates/ each, with the layout of the workspace. */
export const templates = {
  airflow: 'DAGs and a local Airflow',
  spark: 'generate and ingest on Spark',
  docker: 'a container image and a compose file',
  kubernetes: 'jobs, a stream, and schedules for a cluster',
  dbt: 'a dbt project of your own, on top of that of retail',
  make: 'a Makefile',
  ci: 'a GitHub workflow that verifies every night',
} as const

export type TemplateName = keyof typeof templates
export const templateNames = Object.keys(templates) as TemplateName[]

/** What git ignores besides: generated files with paths of this machine. */
export const ignoredOf: Partial<Record<TemplateName, readonly string[]>> = {
  dbt: ['/dbt/dbt_packages/', '/dbt/package-lock.yml'],
}

/** Settings that are the user's from the moment they are written: no init changes them, not even with --force. */
export const isKept = (file: string): boolean => file === 'airflow/dags/retail_settings.py'

/** Files of another template that a template needs, too. */
const BORROWED: Partial<Record<TemplateName, { from: TemplateName; files: readonly string[] }>> = {
  kubernetes: { from: 'docker', files: ['Dockerfile', '.dockerignore'] },
}

/** Whether files of a template install retail from the package beside them. */
export const installsRetail = (name: TemplateName): boolean =>
  templateFiles(name).some(({ text }) => text.includes(PACKAGE_FILE))

export interface TemplateFile {
  /** Relative to the workspace. */
  path: string
  text: string
}

/**
 * The files of a template. `@RETAIL_VERSION@` becomes this version, `@RETAIL_PACKAGE@` the path of the package in the
 * workspace.
 */
export function templateFiles(name: TemplateName): TemplateFile[] {
  const borrowed = BORROWED[name]
  return [
    ...ownFiles(name),
    ...(borrowed ? ownFiles(borrowed.from).filter((file) => borrowed.files.includes(file.path)) : []),
  ]
}

function ownFiles(name: TemplateName): TemplateFile[] {
  const folder = path.join(packageFolder(), 'templates', name)
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.pyc'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort()
    .map((file) => ({
      path: file,
      text: fs
        .readFileSync(path.join(folder, file), 'utf8')
        .replaceAll('@RETAIL_VERSION@', VERSION)
        .replaceAll('@RETAIL_PACKAGE@', PACKAGE_FILE),
    }))
}
