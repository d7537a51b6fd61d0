import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import type { DbtProject } from './dbt.ts'
import { projectDigest } from './dbt-project.ts'
import { parsedFile, sealTarget } from './dbt-target.ts'

type Place = Pick<DbtProject, 'python' | 'package' | 'work'>

/**
 * Gives dbt what it parsed for another workspace, unless this one has its own: parsing our project takes a third of a
 * small build. It is kept beside the Python environment, one per kind (profile and schema), and dbt checks it as it checks its own.
 */
export function borrowParsed(place: Place, kind: string): void {
  const own = parsedFile(place.work)
  if (fs.existsSync(own)) return
  const bytes = soundBytes(place, kind)
  if (bytes === undefined) return
  fs.mkdirSync(path.dirname(own), { recursive: true })
  fs.writeFileSync(own, bytes)
  sealTarget(place.work)
}

/** Keeps what dbt has parsed for the other workspaces. */
export function lendParsed(place: Place, kind: string): void {
  const own = parsedFile(place.work)
  if (!fs.existsSync(own) || soundBytes(place, kind) !== undefined) return
  const bytes = fs.readFileSync(own)
  const kept = keptFile(place, kind)
  const making = `${kept}.${process.pid}`
  try {
    fs.writeFileSync(making, Buffer.concat([sealOf(place, kind, bytes), bytes]))
    fs.renameSync(making, kept)
  } catch {
    // Somebody else's environment, or a full disk: each workspace then parses once.
    if (fs.existsSync(making)) fs.rmSync(making)
  }
}

/** `bin/python` is in the environment. */
const keptFile = ({ python }: Place, kind: string): string =>
  path.join(path.dirname(path.dirname(python)), `parsed-${kind}.msgpack`)

/** Undefined if there is none, if it is damaged, or if it is of another project. */
function soundBytes(place: Place, kind: string): Buffer | undefined {
  try {
    const kept = keptFile(place, kind)
    // Opening a FIFO may block.
    if (fs.lstatSync(kept, { throwIfNoEntry: false })?.isFile() !== true) return undefined
    const all = fs.readFileSync(kept)
    const bytes = all.subarray(SEAL_BYTES)
    return sealOf(place, kind, bytes).equals(all.subarray(0, SEAL_BYTES)) ? bytes : undefined
  } catch {
    // It cannot be read: dbt parses.
    return undefined
  }
}

const SEAL_BYTES = 32

/** dbt keeps the paths of files, so what it parsed is of one place, too. */
const sealOf = ({ package: ours }: Place, kind: string, bytes: Buffer): Buffer =>
  createHash('sha256')
    .update([ours, projectDigest(ours), kind, ''].join('\0'))
    .update(bytes)
    .digest()
