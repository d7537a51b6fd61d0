import type { Second } from '../time.ts'
import { partsOf } from './source-name.ts'

/** Why a file cannot be used under its name. `why` is the sentence about it, for people; code asks for the kind. */
export type Damage =
  | { readonly kind: 'missing'; readonly why: string }
  /** Its bytes are not what was written, or it is not a file. */
  | { readonly kind: 'broken'; readonly why: string }
  /** A sound Parquet file that another program wrote, so it does not record what it contains. */
  | { readonly kind: 'unsigned'; readonly why: string }
  /** Intact, but of another world. It is somebody's data, so nobody deletes it: `repair` moves it aside. */
  | { readonly kind: 'foreign'; readonly why: string }
  /** Its name is not one that retail uses, but readers of its folder read it. */
  | { readonly kind: 'stray'; readonly why: string }
  /** Intact and of this world, with the content of another file. `until`: where that ends, if it is a live batch. */
  | { readonly kind: 'elsewhere'; readonly why: string; readonly until?: Second }

/** A damaged file, or whatever else lies in its place. */
export type DamagedFile = Damage & {
  readonly file: string
  /** It follows from raw, and every publish writes it again. */
  readonly follows?: 'raw'
}

export const MISSING: Damage = { kind: 'missing', why: 'the file is missing' }

export const STRAY: Damage = {
  kind: 'stray',
  why: 'it is not a name that retail uses, but readers of this folder read it',
}

export const broken = (why: string): Damage => ({ kind: 'broken', why })

export const foreignTo = (owner: string | undefined): Damage => ({
  kind: 'foreign',
  why: `it belongs to another world${owner ? ` (${owner})` : ''}`,
})

export const otherContent = (table: string | undefined, content?: string, until?: Second): Damage => ({
  kind: 'elsewhere',
  why: `it contains ${table}${content === undefined ? '' : ` of ${content}`}`,
  ...(until !== undefined && { until }),
})

/** Whether a file is intact, and only its place is wrong. */
export const isElsewhere = (damage: Damage): boolean => damage.kind === 'foreign' || damage.kind === 'elsewhere'

/** Why events of one source cannot follow those of another; see `EventSource.world`. */
export function whoseEvents(owner: string, ours: string): string {
  const [theirs, own] = [owner, ours].map(partsOf)
  const { world, profile } = theirs
  if (world !== own.world) return foreignTo(world).why
  if (theirs.shard !== own.shard)
    return theirs.shard === undefined ? 'they are of all stores' : `they are of shard ${theirs.shard}`
  return profile === undefined ? 'they have no faults' : `they have the faults of profile ${profile}`
}
