import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The root of our package, both from the sources and from the built files: the nearest parent folder that contains
 * both.
 */
export function packageFolder(from = fileURLToPath(import.meta.url)): string {
  for (let folder = path.dirname(from); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json')) && existsSync(path.join(folder, 'dbt'))) return folder
    if (folder === path.dirname(folder)) throw new Error(`no package above ${from}`)
  }
}
