import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { parseEnv } from 'node:util'
import { type Document, LineCounter, type ParsedNode, parseDocument } from 'yaml'
import { errnoOf, RetailError } from '../errors.ts'

export const CONFIG_FILE = 'retail.yaml'
const VERSION = 1

/** The folder that holds `retail.yaml`: the named one, else this one or the nearest above it, else this one. */
export function findWorkspace(cwd: string, named: string | undefined): string {
  if (named !== undefined) return path.resolve(cwd, named)
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    if (exists(path.join(folder, CONFIG_FILE))) return folder
    if (folder === path.dirname(folder)) return cwd
  }
}

/** A file's text, undefined when there is none. `shown` is its name in errors. */
export function readTextFile(file: string, shown: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    switch (errnoOf(error)) {
      case 'ENOENT':
      case 'ENOTDIR':
        return undefined
      case 'EISDIR':
        throw new RetailError('bad_config', `${shown} is not a file`, {
          why: 'there is a folder of that name',
          hint: `remove the folder ${shown}, then run \`retail init\``,
          cause: error,
        })
      default:
        throw new RetailError('bad_config', `${shown} cannot be read`, {
          why: (error as Error).message,
          hint: `make it readable: chmod u+r ${shown}`,
          cause: error,
        })
    }
  }
}

export interface ConfigText {
  value: unknown
  contents: ParsedNode | null
  lines: LineCounter
}

/** Reads YAML into a plain value; syntax errors and files of a newer version are told with their place. */
export function parseConfigText(text: string, shown: string): ConfigText {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  if (document.errors.length > 0)
    throw badConfig(
      shown,
      document.errors.map(({ pos, message }) => {
        const { line, col } = lines.linePos(pos[0])
        return `${shown}:${line}:${col} ${message.replace(/\n[\s\S]*/, '')}`
      }),
    )
  const value = plainValue(document, shown)
  if (isRecord(value) && typeof value.version === 'number' && value.version > VERSION)
    throw new RetailError(
      'bad_config',
      `${shown} is of version ${value.version}; this retail knows version ${VERSION}`,
      {
        why: 'it was written by a newer retail',
        hint: 'install the newer retail: npm install --global retail-cli@latest',
      },
    )
  return { value: value ?? {}, contents: document.contents, lines }
}

/** `.env` beside the config: names and texts, without touching the environment of the process. */
export function readDotEnv(workspace: string): Record<string, string> {
  const text = readTextFile(path.join(workspace, '.env'), '.env')
  return text === undefined ? {} : (parseEnv(text) as Record<string, string>)
}

export function badConfig(shown: string, mistakes: readonly string[]): RetailError {
  const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`
  return new RetailError('bad_config', `the config has ${count}`, {
    why: mistakes.join('\n'),
    hint: `correct ${mistakes.some((line) => line.startsWith(shown)) ? shown : 'it'}, then look at the outcome: retail status --config`,
  })
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function plainValue(document: Document.Parsed, shown: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    // An alias without its anchor, or aliases that multiply without end.
    throw badConfig(shown, [`${shown} ${(error as Error).message}`])
  }
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined
}
