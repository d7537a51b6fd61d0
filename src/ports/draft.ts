import type { ByteSink, Draft } from './lake.ts'

/** Fills a draft and commits it; discards it if filling fails. `fill` has run when this returns its promise. */
export async function commitFilled(draft: Draft, fill: (sink: ByteSink) => void): Promise<number> {
  try {
    fill(draft)
  } catch (error) {
    draft.discard()
    throw error
  }
  return await draft.commit()
}
