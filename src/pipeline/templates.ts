import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { packageFolder } from '../tools/package-folder.ts'
import { VERSION } from '../version.ts'

/** What `init --with` can write beside retail.yaml: a folder of templates/ each, laid out as it will be in the workspace. */
export const templates = {
  airflow: 'DAGs and a local Airflow',
  spark: 'ingest and generate on Spark',
  docker: 'image and compose file',
  make: 'a Makefile',
  ci: 'a workflow that verifies every night',
} as const

export type TemplateName = keyof typeof templates
export const templateNames = Object.keys(templates) as TemplateName[]

export interface TemplateFile {
  /** relative to the workspace */
  path: string
  text: string
}

/** The files of a template; where they name our version it is this one. */
export function templateFiles(name: TemplateName): TemplateFile[] {
  const folder = path.join(packageFolder(), 'templates', name)
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.pyc'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort()
    .map((file) => ({
      path: file,
      text: readFileSync(path.join(folder, file), 'utf8').replaceAll('@RETAIL_VERSION@', VERSION),
    }))
}
