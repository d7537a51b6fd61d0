import type { Advice } from '../advice.ts'
import { RetailError } from '../errors.ts'

/** A place in a query, both counted from 1. */
export interface QueryPlace {
  line: number
  column: number
}

/** The place of a byte. */
export function placeOf(sql: string, byte: number): QueryPlace {
  const before = Buffer.from(sql).subarray(0, byte).toString().split('\n')
  return { line: before.length, column: before[before.length - 1].length + 1 }
}

/** A query that is wrong. `place`: where, if the database says so. */
export function wrongQuery(
  place: QueryPlace | undefined,
  what: string,
  { why, hint, cause }: { why?: string | undefined; hint: Advice; cause?: unknown },
): RetailError {
  const at = place ? `line ${place.line}, column ${place.column} of the query` : 'the query is not valid'
  return new RetailError('bad_flag', `${at}: ${what}`, { ...(why && { why }), hint, cause })
}

export const writingQuery = (kind: string, hint: Advice): RetailError =>
  new RetailError('bad_flag', `the query is ${kind}, and only a statement that reads is run`, {
    why: 'the published tables change only when they are published',
    hint,
  })
