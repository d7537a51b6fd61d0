import type { Cover, LakeLayout } from '../../ports/index.ts'
import { batchFile, partKey } from '../../ports/layout.ts'
import type { FactName, TableName } from '../../tables/index.ts'
import { SECONDS_PER_DAY } from '../../time.ts'
import { BrokenLog, type LogStore } from './log-store.ts'
import { type LogState, type NamedFile, readState } from './table-log.ts'

/**
 * The keys of a fact's files: parts, and rolled batches up to the first batch that is not rolled. An extension that was
 * interrupted leaves parts that reach further than history; a log cannot name a piece of a file, so it names the parts that they
 * are to replace. Undefined if one of these does not exist: then the log stays as it is until the extension is complete.
 */
export function keysOf(
  { parts, longParts, batches, history }: Cover,
  table: FactName,
  exists: (key: string) => boolean,
): string[] | undefined {
  const keys = parts.filter((part) => part.table === table).map(({ key }) => key)
  for (const { block, month } of longParts.filter((part) => part.table === table)) {
    const shorter = partKey(table, block, month, history / SECONDS_PER_DAY - 1)
    if (!exists(shorter)) return undefined
    keys.push(shorter)
  }
  let position = history
  for (const batch of batches) {
    if (batch.generation !== undefined || batch.from > position) break
    position = batch.to
    keys.push(batchFile(batch, table))
  }
  return keys
}

/** A file as its table's log names it. */
export function namedFile(table: TableName, key: string, sizeBytes: number): NamedFile {
  const name = key.slice(table.length + 1)
  return { path: name, sizeBytes, month: /month=([\d-]+)\//.exec(name)?.[1] }
}

/** The sizes of parts by their keys. */
export const sizesOf = ({ parts }: LakeLayout): Map<string, number> =>
  new Map(parts.map(({ key, sizeBytes }) => [key, sizeBytes]))

/** How a log differs from the paths that it should name; undefined if it does not. `named`: undefined if nobody knows them. */
export async function whyWrong(store: LogStore, named: readonly string[] | undefined): Promise<string | undefined> {
  let state: LogState | undefined
  try {
    state = await readState(store)
  } catch (error) {
    if (!(error instanceof BrokenLog)) throw error
    return error.message
  }
  if (!named) return undefined
  const files = state?.files ?? new Map()
  const inRaw = new Set(named)
  const [first] = [...named.filter((name) => !files.has(name)), ...[...files.keys()].filter((name) => !inRaw.has(name))]
  if (first === undefined) return undefined
  return files.has(first) ? `it names ${first}, and raw does not` : `it does not name ${first}, and raw does`
}
