import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { changedConfigText, newConfigText } from '../config/document.ts'
import { CONFIG_FILE, readTextFile } from '../config/file.ts'
import { configJsonSchema } from '../config/json-schema.ts'
import type { Overrides } from '../config/settings.ts'
import { explainSystemError } from '../errors.ts'
import { packageFolder } from '../tools/package-folder.ts'
import type { CloudCheck } from './cloud-checks.ts'
import { type TemplateName, templateFiles } from './templates.ts'

export interface PlannedFile {
  /** relative to the workspace */
  path: string
  /** undefined when there is no such file yet */
  before: string | undefined
  after: string
  /** what people wrote themselves is changed only with their consent */
  precious: boolean
}

export interface InitResult {
  workspace: string
  dryRun: boolean
  files: { path: string; action: 'new' | 'changed' | 'kept' }[]
  /** target gcp: whether it is ready to be made; absent when that was not asked */
  checks?: CloudCheck[]
}

const SCHEMA_FILE = '.retail/retail.schema.json'

/** Reads what is there and says what would be there: nothing is written. `afresh` forgets what retail.yaml says now. */
export function planInit(
  workspace: string,
  values: Overrides,
  { afresh = false, extras = [] }: { afresh?: boolean; extras?: readonly TemplateName[] } = {},
): PlannedFile[] {
  const read = (file: string) => readTextFile(path.join(workspace, file), file)
  const [config, gitignore, schema] = [read(CONFIG_FILE), read('.gitignore'), read(SCHEMA_FILE)]
  const file = (name: string, before: string | undefined, after: string, precious: boolean): PlannedFile => ({
    path: name,
    before,
    after,
    precious,
  })
  return [
    file(
      CONFIG_FILE,
      config,
      config === undefined || afresh ? newConfigText(values) : changedConfigText(config, values),
      true,
    ),
    file('.gitignore', gitignore, ignoring(gitignore), false),
    file(SCHEMA_FILE, schema, `${JSON.stringify(configJsonSchema(), null, 2)}\n`, false),
    ...extras.flatMap(templateFiles).map(({ path: name, text }) => file(name, read(name), text, true)),
  ]
}

/** Writes what was planned, each file by one rename, so that an interrupted init leaves whole files. */
export function writeInit(workspace: string, plan: readonly PlannedFile[], { dryRun = false } = {}): InitResult {
  for (const { path: name, before, after } of plan)
    if (before !== after && !dryRun) replaceFile(path.join(workspace, name), after)
  return {
    workspace,
    dryRun,
    files: plan.map(({ path: name, before, after }) => ({
      path: name,
      action: before === undefined ? 'new' : before === after ? 'kept' : 'changed',
    })),
  }
}

/** What is there keeps its place; lines of templates/gitignore that it lacks follow. */
function ignoring(existing: string | undefined): string {
  const ignored = readFileSync(path.join(packageFolder(), 'templates/gitignore'), 'utf8').trimEnd().split('\n')
  const there = new Set((existing ?? '').split('\n').map((line) => line.trim()))
  const missing = ignored.filter((line) => !there.has(line))
  if (missing.length === 0) return existing ?? ''
  const head = existing === undefined || existing === '' || existing.endsWith('\n') ? (existing ?? '') : `${existing}\n`
  return `${head}${missing.join('\n')}\n`
}

function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(temporary, text, { flush: true })
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw explainSystemError(error, `writing ${file}`)
  }
}
