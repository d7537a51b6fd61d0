import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** SHA-256 of every part, by its key. */
export function partHashes(folder: string, only: RegExp = /./): Record<string, string> {
  const hashes: Record<string, string> = {}
  for (const table of ['inventories', 'transactions']) {
    const root = path.join(folder, 'lake', table)
    for (const month of readdirSync(root)
      .filter((name) => name.startsWith('month='))
      .sort()) {
      for (const file of readdirSync(path.join(root, month)).sort()) {
        const key = `${table}/${month}/${file}`
        if (only.test(key))
          hashes[key] = createHash('sha256')
            .update(readFileSync(path.join(root, month, file)))
            .digest('hex')
      }
    }
  }
  return hashes
}
