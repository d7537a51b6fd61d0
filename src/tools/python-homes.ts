import fs from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { makeFolders } from '../disk.ts'

/**
 * The folders that may hold the environments of dbt, in the order in which they are searched: the one that the user chose,
 * or the workspace's own and then the one in the user's cache, which all workspaces share.
 */
export function pythonHomes(workspace: string, env: NodeJS.ProcessEnv): string[] {
  if (env.RETAIL_PYTHON_HOME) return [env.RETAIL_PYTHON_HOME]
  const cache = userCache(env)
  return [path.join(workspace, 'python'), ...(cache === undefined ? [] : [path.join(cache, 'retail', 'python')])]
}

/** The folders whose environments may run: a shared one only if nobody but this user, or root, can change it. */
export function trustedHomes(homes: readonly string[]): string[] {
  const [own, ...shared] = homes
  return [own, ...shared.filter((home) => fs.existsSync(home) && isPrivate(home, [process.getuid?.(), 0]))]
}

/** The folder for a new environment: a shared one, if only this user can write to it; otherwise the first. */
export function writableHome(homes: readonly string[]): string {
  const [own, ...shared] = homes
  return shared.find(isOurs) ?? own
}

/** XDG says to ignore a relative path. */
function userCache(env: NodeJS.ProcessEnv): string | undefined {
  const chosen = env.XDG_CACHE_HOME
  if (chosen !== undefined && path.isAbsolute(chosen)) return chosen
  const home = env.HOME ?? homedir()
  return path.isAbsolute(home) ? path.join(home, ...CACHE) : undefined
}

const CACHE = process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']

/**
 * What we run must not be writable by others. With `sudo` that keeps HOME, we leave no files of root in the cache of
 * somebody else.
 */
function isOurs(home: string): boolean {
  try {
    if (fs.statSync(existing(home)).uid !== process.getuid?.()) return false
    makeFolders(home, 0o700)
    fs.accessSync(home, fs.constants.W_OK)
    return isPrivate(home, [process.getuid?.()])
  } catch {
    // Read-only, a file in the way, too long: whatever the reason, the workspace takes its place.
    return false
  }
}

function isPrivate(folder: string, owners: readonly (number | undefined)[]): boolean {
  const { uid, mode } = fs.statSync(folder)
  return owners.includes(uid) && (mode & 0o022) === 0
}

/** The folder itself, or the nearest one above it that exists. */
function existing(folder: string): string {
  while (!fs.existsSync(folder) && path.dirname(folder) !== folder) folder = path.dirname(folder)
  return folder
}
