import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { parseEnv } from 'node:util'
import { type Document, LineCounter, type ParsedNode, parseDocument } from 'yaml'
import { advise, retail } from '../advice.ts'
import { errnoOf, RetailError } from '../errors.ts'

export const CONFIG_FILE = 'retail.yaml'
const VERSION = 1

/**
 * The folder that holds `retail.yaml`: the given one, otherwise the nearest one at or above the current folder,
 * otherwise the current folder.
 */
export function findWorkspace(cwd: string, named: string | undefined): string {
  if (named !== undefined) return path.resolve(cwd, named)
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    if (exists(path.join(folder, CONFIG_FILE))) return folder
    if (folder === path.dirname(folder)) return cwd
  }
}

/** The text of a file, undefined if it does not exist. `shown` is its name in errors. */
export function readTextFile(file: string, shown: string): string | undefined {
  try {
    refuseStrange(file, shown)
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    if (error instanceof RetailError) throw error
    switch (errnoOf(error)) {
      case 'ENOENT':
      case 'ENOTDIR':
        return undefined
      case 'EISDIR':
        throw new RetailError('bad_config', `${shown} is not a file`, {
          why: 'a folder has that name',
          hint: advise`remove the folder ${shown}, then run ${retail('init')}`,
          cause: error,
        })
      default:
        throw new RetailError('bad_config', `${shown} cannot be read`, {
          why: (error as Error).message,
          hint: advise`make it readable: ${['chmod', 'u+r', shown]}`,
          cause: error,
        })
    }
  }
}

/** Opening a FIFO would block. */
function refuseStrange(file: string, shown: string): void {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat || stat.isFile() || stat.isDirectory()) return
  throw new RetailError('bad_config', `${shown} is not a file`, {
    why: `it is a ${stat.isFIFO() ? 'FIFO' : stat.isSocket() ? 'socket' : 'device'}`,
    hint: advise`replace it with a file, then check the result: ${retail('status', '--config')}`,
  })
}

export interface ConfigText {
  value: unknown
  contents: ParsedNode | null
  lines: LineCounter
}

/** Reads YAML into a plain value. Throws for syntax errors and for files of a newer version, with their location. */
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
      `${shown} has version ${value.version}; this retail supports version ${VERSION}`,
      {
        why: 'a newer version of retail wrote it',
        hint: 'install that version: npm install --global ./retail-cli-VERSION.tgz',
      },
    )
  return { value: value ?? {}, contents: document.contents, lines }
}

/** `.env` beside the config as names and texts. It leaves the environment of the process unchanged. */
export function readDotEnv(workspace: string): Record<string, string> {
  const text = readTextFile(path.join(workspace, '.env'), '.env')
  return text === undefined ? {} : (parseEnv(text) as Record<string, string>)
}

const MISTAKES_SHOWN = 10

/** A file of another kind has hundreds of mistakes. */
export const shownMistakes = (mistakes: readonly string[]): string =>
  [
    ...mistakes.slice(0, MISTAKES_SHOWN).map((line) => (line.length > 200 ? `${line.slice(0, 200)} …` : line)),
    ...(mistakes.length > MISTAKES_SHOWN ? [`… and ${mistakes.length - MISTAKES_SHOWN} more`] : []),
  ].join('\n')

export function badConfig(shown: string, mistakes: readonly string[]): RetailError {
  const count = mistakes.length === 1 ? 'an error' : `${mistakes.length} errors`
  const flags = mistakes.flatMap((line) => /^--\S+/.exec(line)?.[0] ?? [])
  return new RetailError('bad_config', `the config has ${count}`, {
    why: shownMistakes(mistakes),
    // `status --config` would not show a mistake of this command line.
    hint:
      flags.length > 0
        ? `correct ${flags.length === mistakes.length ? [...new Set(flags)].join(' and ') : 'them'}, and run the command again`
        : advise`correct ${mistakes.some((line) => line.startsWith(shown)) ? shown : 'it'}, then check the result: ${retail('status', '--config')}`,
  })
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function plainValue(document: Document.Parsed, shown: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    // An alias without its anchor, or aliases that expand without end.
    throw badConfig(shown, [`${shown} ${(error as Error).message}`])
  }
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined
}
