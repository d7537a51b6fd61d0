import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

/** What Python leaves in a folder when it imports from there. */
const CACHES = /(^|\/)__pycache__(\/|$)/

/** Identifies a dbt project by the names and the content of its files, the lockfiles of dbt's versions included. */
export function projectDigest(project: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(project, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(project, name)
    if (CACHES.test(name) || !statSync(file).isFile()) continue
    hash.update(`${name}\0`).update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}
