import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

/** Removes rolled batches, so that the live batches from which they were made count again, as if a stream had been killed. */
export function unroll(folder: string): void {
  const lake = path.join(folder, 'lake')
  for (const name of readdirSync(lake, { recursive: true, encoding: 'utf8' }))
    if (!name.startsWith('live') && /^\d{8}T/.test(path.basename(name))) rmSync(path.join(lake, name))
}
