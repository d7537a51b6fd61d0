import path from 'node:path'
import { fs } from '../../disk.ts'
import type { LakeLayout } from '../../ports/index.ts'
import type { Stray } from '../../ports/lake.ts'
import { KEPT, LIVE, parseBatchKey, parsePartKey, ROLLED } from '../../ports/layout.ts'
import { type FileFormat, facts } from '../../tables/index.ts'
import { parseMonth } from '../../time.ts'
import { namesIn } from './files.ts'
import { strangeFolder } from './regular.ts'

/** The folder of files that are being written. */
export const TEMPORARY = '.tmp'

/** What the names in a lake's folder say. */
export function layoutOf(root: string, format: FileFormat): LakeLayout {
  const at = (key: string) => path.join(root, key)
  const within = (key: string) => namesIn(at(key)).map((name) => `${key}/${name}`)
  const strays: Stray[] = []
  const layout: LakeLayout = {
    parts: [],
    rolled: [],
    live: [],
    generation: 0,
    dimensions: {
      product: fs.existsSync(at(`product.${format}`)),
      store: fs.existsSync(at(`store.${format}`)),
    },
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

  for (const { name } of facts) {
    for (const month of entriesOf(name)) {
      if (parseMonth(path.basename(month)) === undefined) addStray(month)
      else for (const key of entriesOf(month)) addPart(key)
    }
  }
  if (fs.existsSync(at(KEPT))) layout.kept = entriesOf(KEPT)
  for (const key of entriesOf(ROLLED)) {
    const batch = parseBatchKey(key)
    if (batch) layout.rolled.push(batch)
    else addStray(key)
  }
  for (const generation of entriesOf(LIVE)) {
    if (/^\d{6}$/.test(path.basename(generation))) for (const key of entriesOf(generation)) addBatch(key)
    else addStray(generation)
  }
  return strays.length > 0 ? { ...layout, strays } : layout

  function addPart(key: string): void {
    const part = parsePartKey(key, format)
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
