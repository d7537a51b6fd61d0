import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { dbtTargetFolder } from './dbt.ts'

/**
 * The only file of an earlier run that dbt reads: it saves seconds. A flipped bit in it would be a flipped bit in a
 * model's SQL.
 */
const PARSED = 'partial_parse.msgpack'
const SEAL = `${PARSED}.sha256`

/** What dbt keeps of its parsing. */
export const parsedFile = (work: string): string => path.join(dbtTargetFolder(work), PARSED)

/** Removes everything from an earlier run of dbt except its parse cache, and that too unless it is unchanged. */
export function clearTarget(work: string): void {
  const target = dbtTargetFolder(work)
  const keep = isSound(target) ? [PARSED, SEAL] : []
  for (const name of namesIn(target))
    if (!keep.includes(name)) fs.rmSync(path.join(target, name), { recursive: true, force: true })
}

/** Records the parse cache of this run; a run that does not get this far leaves nothing that the next one trusts. */
export function sealTarget(work: string): void {
  const target = dbtTargetFolder(work)
  const parsed = path.join(target, PARSED)
  if (fs.existsSync(parsed)) fs.writeFileSync(path.join(target, SEAL), digest(fs.readFileSync(parsed)))
}

function isSound(target: string): boolean {
  const [parsed, seal] = [PARSED, SEAL].map((name) => path.join(target, name))
  const isFile = (file: string) => fs.lstatSync(file, { throwIfNoEntry: false })?.isFile() === true
  try {
    // Opening a FIFO may block.
    return isFile(parsed) && isFile(seal) && fs.readFileSync(seal, 'utf8') === digest(fs.readFileSync(parsed))
  } catch {
    // It cannot be read: dbt parses again, and reports it itself if it cannot write there either.
    return false
  }
}

function namesIn(target: string): string[] {
  const stat = fs.lstatSync(target, { throwIfNoEntry: false })
  if (stat === undefined) return []
  if (stat.isDirectory()) return fs.readdirSync(target)
  fs.rmSync(target)
  return []
}

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
