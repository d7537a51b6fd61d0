import { readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import type { CommandLine } from '../src/advice.ts'

export interface Start {
  /** The absolute path of the script that Node was started with: `process.argv[1]`. */
  script: string
  cwd: string
  env: Readonly<Record<string, string | undefined>>
}

/**
 * The words that start this tool again from the same folder: `retail` if the PATH has it under that name, `npx …` if
 * npx or a project installed it, otherwise `node` and the file.
 */
export function launcherOf({ script, cwd, env }: Start): CommandLine {
  const [, cache, run] = /^(.*[\\/]_npx[\\/])([^\\/]+)[\\/]/.exec(script) ?? []
  const spec = cache && specOf(path.join(cache, run), cwd)
  // npx resolves a file on every start and asks each time; without a terminal it fails. An absolute path it would run itself.
  if (spec && path.isAbsolute(spec)) return ['npx', '--yes', `file:${spec}`]
  if (spec) return spec.startsWith('.') ? ['npx', '--yes', spec] : ['npx', spec]
  if (pathFolders(env).some((folder) => isSame(path.join(folder, 'retail'), script))) return ['retail']
  if (foldersAbove(cwd).some((folder) => isSame(path.join(folder, 'node_modules/.bin/retail'), script)))
    return ['npx', 'retail']
  return ['node', shortest(real(script) ?? script, cwd)]
}

/**
 * The specifier that npx was started with; npx records it in its installation folder. Never a package name that we
 * guess.
 */
function specOf(folder: string, cwd: string): string | undefined {
  try {
    const { dependencies, _npx } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>
      _npx?: { packages?: string[] }
    }
    const installed = dependencies?.['retail-cli']
    // The path was relative to the folder of the first run; this process may run in another folder.
    if (installed?.startsWith('file:')) return shortest(path.resolve(folder, installed.slice('file:'.length)), cwd)
    return _npx?.packages?.[0]
  } catch {
    // Not a package that npx made: the tool is named another way.
    return undefined
  }
}

/** The PATH without the folders that npm prepends while it runs a script. */
const pathFolders = ({ PATH = '' }: Start['env']): string[] =>
  PATH.split(path.delimiter).filter(
    (folder) => path.isAbsolute(folder) && !/[\\/](node_modules[\\/]\.bin|node-gyp-bin)[\\/]?$/.test(folder),
  )

function foldersAbove(folder: string): string[] {
  const above = path.dirname(folder)
  return above === folder ? [folder] : [folder, ...foldersAbove(above)]
}

/** `./x` for a path below the current folder, so that no program takes it for a name; otherwise the absolute path. */
function shortest(file: string, cwd: string): string {
  const relative = path.relative(real(cwd) ?? cwd, real(file) ?? file)
  if (relative.startsWith('..') || path.isAbsolute(relative)) return file
  return `.${path.sep}${relative}`
}

const isSame = (candidate: string, script: string): boolean => {
  const there = real(candidate)
  return there !== undefined && there === real(script)
}

function real(file: string): string | undefined {
  try {
    return realpathSync(file)
  } catch {
    // Not a package that npx made: the tool is named another way.
    return undefined
  }
}
