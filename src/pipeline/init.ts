import path from 'node:path'
import { changedConfigText, newConfigText } from '../config/document.ts'
import { CONFIG_FILE, readTextFile } from '../config/file.ts'
import { configJsonSchema } from '../config/json-schema.ts'
import type { Overrides } from '../config/settings.ts'
import { fs, makeFolders } from '../disk.ts'
import { explainSystemError } from '../system-errors.ts'
import { type Day, formatDay } from '../time.ts'
import { packageFolder } from '../tools/package-folder.ts'
import type { CloudCheck } from './cloud-checks.ts'
import { PACKAGE_FILE, packageFile } from './package-file.ts'
import { ignoredOf, installsRetail, isKept, type TemplateName, templateFiles } from './templates.ts'

export interface PlannedFile {
  /** Relative to the workspace. */
  path: string
  /** Undefined if the file does not exist yet. */
  before: string | undefined
  after: string
  /** The user's own text changes only with consent. */
  precious: boolean
  /** The encoding of `before` and `after`: base64 for a file that is not text. */
  encoding: 'utf8' | 'base64'
}

export interface InitResult {
  workspace: string
  dryRun: boolean
  files: { path: string; action: 'new' | 'changed' | 'kept' }[]
  /** Target gcp: whether it is ready; absent if the checks were skipped. */
  checks?: CloudCheck[]
}

const SCHEMA_FILE = '.retail/retail.schema.json'

interface InitOptions {
  /** Ignore the current retail.yaml. */
  afresh?: boolean
  extras?: readonly TemplateName[]
  today?: Day
  /** What fills the placeholders of files for a cluster, by the text of retail.yaml. */
  fill?: ((configText: string) => (text: string) => string) | undefined
}

/** Reads the existing files and computes the new ones, without writing. */
export function planInit(
  workspace: string,
  values: Overrides,
  { afresh = false, extras = [], today = 0, fill }: InitOptions = {},
): PlannedFile[] {
  const read = (file: string) => readTextFile(path.join(workspace, file), file)
  const [config, gitignore, schema] = [read(CONFIG_FILE), read('.gitignore'), read(SCHEMA_FILE)]
  const file = (name: string, before: string | undefined, after: string, precious: boolean): PlannedFile => ({
    path: name,
    before,
    after,
    precious,
    encoding: 'utf8',
  })
  const text = config === undefined || afresh ? newConfigText(values) : changedConfigText(config, values)
  const filled = fill?.(text) ?? ((each: string) => each)
  // Two templates may have the same file.
  const extraFiles = new Map(extras.flatMap(templateFiles).map((each) => [each.path, each]))
  return [
    file(CONFIG_FILE, config, text, true),
    file('.gitignore', gitignore, ignoring(gitignore, extras), false),
    file(SCHEMA_FILE, schema, `${JSON.stringify(configJsonSchema(), null, 2)}\n`, false),
    ...Array.from(extraFiles.values(), ({ path: name, text }) => {
      const before = read(name)
      const after = isKept(name) && before !== undefined ? before : filled(text.replace(START, formatDay(today - 1)))
      return file(name, before, after, true)
    }),
    ...(extras.some(installsRetail) ? [plannedPackage(workspace)] : []),
  ]
}

/** The day before the first init, in a file that later ones keep. */
const START = '@RETAIL_START@'

/** The package from which the templates install retail: the one that is running, however it was installed. */
function plannedPackage(workspace: string): PlannedFile {
  const file = path.join(workspace, PACKAGE_FILE)
  const isThere = fs.existsSync(file) && fs.statSync(file).isFile()
  return {
    path: PACKAGE_FILE,
    before: isThere ? fs.readFileSync(file).toString('base64') : undefined,
    after: packageFile().toString('base64'),
    precious: false,
    encoding: 'base64',
  }
}

/**
 * Writes the planned files, each by one rename, so that an interrupted init leaves complete files. Everything that it
 * reports survives a power loss.
 */
export function writeInit(workspace: string, plan: readonly PlannedFile[], { dryRun = false } = {}): InitResult {
  // retail.yaml comes last: until it exists, the folder is not a workspace, so an init that fails halfway leaves none.
  const inOrder = [
    ...plan.filter(({ path }) => path !== CONFIG_FILE),
    ...plan.filter(({ path }) => path === CONFIG_FILE),
  ]
  for (const { path: name, before, after, encoding } of dryRun ? [] : inOrder) {
    const file = path.join(workspace, name)
    if (before !== after) replaceFile(file, after, encoding)
    // An init that was killed after the rename may have left a name that a power loss could still undo.
    else syncFolder(path.dirname(file))
  }
  return {
    workspace,
    dryRun,
    files: plan.map(({ path: name, before, after }) => ({
      path: name,
      action: before === undefined ? 'new' : before === after ? 'kept' : 'changed',
    })),
  }
}

/** Existing lines keep their place; missing lines of templates/gitignore follow. */
function ignoring(existing: string | undefined, extras: readonly TemplateName[]): string {
  const always = fs.readFileSync(path.join(packageFolder(), 'templates/gitignore'), 'utf8').trimEnd().split('\n')
  const ignored = [...always, ...extras.flatMap((name) => ignoredOf[name] ?? [])]
  const there = new Set((existing ?? '').split('\n').map((line) => line.trim()))
  const missing = ignored.filter((line) => !there.has(line))
  if (missing.length === 0) return existing ?? ''
  const head = existing === undefined || existing === '' || existing.endsWith('\n') ? (existing ?? '') : `${existing}\n`
  return `${head}${missing.join('\n')}\n`
}

function replaceFile(file: string, content: string, encoding: PlannedFile['encoding']): void {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    const folder = path.dirname(file)
    const made = makeFolders(folder)
    fs.writeFileSync(temporary, content, { encoding, flush: true })
    fs.renameSync(temporary, file)
    syncFolder(folder)
    if (made) syncFolder(path.dirname(made))
  } catch (error) {
    try {
      fs.rmSync(temporary, { force: true })
    } catch {
      // The first error is reported.
    }
    throw explainSystemError(error, `writing ${file}`)
  }
}

/** A name is durable once its folder has been synced. */
function syncFolder(folder: string): void {
  const fd = fs.openSync(folder, 'r')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}
