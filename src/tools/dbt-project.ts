import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { packageFolder } from './package-folder.ts'

/** The project of a workspace, beside its retail.yaml. */
const FOLDER = 'dbt'

/** What Python leaves in a folder when it imports from there, and what dbt writes into a project. */
const WRITTEN = ['__pycache__', 'dbt_packages', 'target', 'logs', 'package-lock.yml', '.user.yml']

/** Our own dbt project, which the project of a workspace imports as a package. */
export const packageProject = (): string => path.join(packageFolder(), 'dbt')

/** The dbt project of a workspace; undefined if it has none, so that ours is all there is. */
export function userProject(workspace: string): string | undefined {
  const folder = path.join(workspace, FOLDER)
  const file = path.join(folder, 'dbt_project.yml')
  // Any other project in that folder has a profile of its own.
  if (!existsSync(file) || !/^profile:\s*['"]?retail\b/m.test(readFileSync(file, 'utf8'))) return undefined
  return realpathSync(folder) === realpathSync(packageProject()) ? undefined : folder
}

/** Identifies a dbt project by the names and the content of its files, the lockfiles of dbt's versions included. */
export function projectDigest(project: string): string {
  const hash = createHash('sha256')
  for (const name of filesOf(project).sort())
    hash
      .update(`${name}\0`)
      .update(readFileSync(path.join(project, name)))
      .update('\0')
  return hash.digest('hex')
}

/** Relative to the project. Packages are not searched: what they are follows from packages.yml. */
function filesOf(project: string, folder = ''): string[] {
  return readdirSync(path.join(project, folder)).flatMap((name) => {
    if (WRITTEN.includes(name)) return []
    const file = path.join(folder, name)
    const stat = statSync(path.join(project, file), { throwIfNoEntry: false })
    return stat?.isDirectory() ? filesOf(project, file) : stat?.isFile() ? [file] : []
  })
}
