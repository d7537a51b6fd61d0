import path from 'node:path'
import { fs } from '../../disk.ts'
import type { LakeLayout } from '../../ports/index.ts'
import type { Stray } from '../../ports/lake.ts'
import {
  batchFile,
  dimensionKey,
  KEPT,
  LIVE,
  type Naming,
  parseBatchKey,
  parseMonthFolder,
  parsePartKey,
  ROLLED,
  recordKey,
  rolledOf,
} from '../../ports/layout.ts'
import { byDimension, facts } from '../../tables/index.ts'
import { namesIn } from './files.ts'
import { strangeFolder } from './regular.ts'

/** The folder of files that are being written. */
export const TEMPORARY = '.tmp'

/** Readers of a folder do not look into these. */
const isHidden = (name: string): boolean => /^[._]/.test(name)

/** What the names in a lake's folder say. */
export function layoutOf(root: string, naming: Naming): LakeLayout {
  const { format } = naming
  const at = (key: string) => path.join(root, key)
  const within = (key: string) => namesIn(at(key)).map((name) => `${key}/${name}`)
  const strays: Stray[] = []
  const layout: LakeLayout = {
    parts: [],
    rolled: [],
    live: [],
    generation: 0,
    dimensions: byDimension((name) => fs.existsSync(at(dimensionKey(name, naming)))),
  }
  const isData = (key: string) => key.endsWith(`.${format}`)
  /** Whether readers of the folder, who look two levels deep, find data there. */
  const holdsData = (key: string, depth = 2): boolean =>
    isData(key) || (depth > 0 && within(key).some((inner) => holdsData(inner, depth - 1)))
  const addStray = (key: string) => {
    if (holdsData(key)) strays.push({ key })
  }
  /** The entries of a folder of ours; anything else that has its name is a stray. */
  const entriesOf = (key: string): string[] => {
    const kind = strangeFolder(at(key))
    if (kind === undefined) return within(key)
    strays.push({ key, why: `it is ${kind}, not a folder` })
    return []
  }
  entriesOf(TEMPORARY)

  const records = new Set<string>()
  for (const key of entriesOf(ROLLED)) {
    const batch = parseBatchKey(path.posix.join(ROLLED, path.basename(key, '.json')))
    if (batch && recordKey(batch.key) === key) records.add(batch.key)
    else addStray(key)
  }
  const rolledFiles = new Set<string>()
  for (const { name } of facts) {
    for (const month of entriesOf(name)) {
      const entry = path.basename(month)
      if (entry === KEPT) layout.kept = [...(layout.kept ?? []), ...entriesOf(month).flatMap(entriesOf)]
      else if (parseMonthFolder(entry, naming) !== undefined) for (const key of entriesOf(month)) addFile(key)
      else if (!isHidden(entry)) addStray(month)
    }
  }
  for (const key of [...records].sort()) {
    const batch = parseBatchKey(key)!
    const isWhole = facts.every(({ name }) => rolledFiles.has(batchFile(batch, name)))
    if (isWhole) layout.rolled.push(batch)
    else layout.unfinished = [...(layout.unfinished ?? []), batch]
  }
  for (const generation of entriesOf(LIVE)) {
    if (/^\d{6}$/.test(path.basename(generation))) for (const key of entriesOf(generation)) addBatch(key)
    else addStray(generation)
  }
  return strays.length > 0 ? { ...layout, strays } : layout

  function addFile(key: string): void {
    const rolled = rolledOf(key)
    if (rolled && records.has(rolled.key)) {
      rolledFiles.add(key)
      return
    }
    const part = parsePartKey(key, naming)
    const stat = part && fs.statSync(at(key), { throwIfNoEntry: false })
    if (part && stat) layout.parts.push({ ...part, sizeBytes: stat.size })
    else if (!part && isData(key)) strays.push({ key })
  }

  function addBatch(key: string): void {
    const batch = parseBatchKey(key)
    if (batch) layout.live.push(batch)
    else addStray(key)
    layout.generation = Math.max(layout.generation, batch?.generation ?? 0)
  }
}
