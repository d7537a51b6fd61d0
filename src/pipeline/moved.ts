import { advise, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import type { Cover, Published, WarehouseTraits } from '../ports/index.ts'
import { formatSecond } from '../time.ts'

/** A moved or copied workspace: its database was made where the lake was before. */
export interface Moved {
  /** The lake that the views of raw read, or have read until now. */
  from: string
  /** This workspace's lake. */
  to: string
}

export const movedFrom = (published: Published | undefined, to: string): Moved | undefined =>
  published && published.lake !== to ? { from: published.lake, to } : undefined

/**
 * Why a publish would remove rows: the lake holds less than the database was published from. Undefined: it would not.
 */
export function shortfall(
  { traits: { raw } }: { traits: Pick<WarehouseTraits, 'raw'> },
  published: Published | undefined,
  cover: Pick<Cover, 'history' | 'live'>,
): RetailError | undefined {
  // If raw has rows of its own, it keeps them.
  if (!published || raw.of === 'rows') return undefined
  const { history, live } = published.raw
  if (history > cover.history)
    return new RetailError('partial', 'parts of history are missing', {
      why: `history was complete to ${formatSecond(history)}, but now only to ${formatSecond(cover.history)}; the published data is unchanged`,
      hint: advise`run ${retail('repair')} to regenerate them`,
    })
  if (live > cover.live)
    return new RetailError('partial', 'live events are missing', {
      why: `they reached ${formatSecond(live)}, but now only ${formatSecond(cover.live)}; the published data is unchanged`,
      hint: advise`run ${retail('repair')} to regenerate them`,
    })
  return undefined
}
