import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of our package, from the sources as from what is built: the nearest folder above that has both. */
export function packageFolder(from = fileURLToPath(import.meta.url)): string {
  for (let folder = path.dirname(from); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json')) && existsSync(path.join(folder, 'dbt'))) return folder
    if (folder === path.dirname(folder)) throw new Error(`no package above ${from}`)
  }
}
