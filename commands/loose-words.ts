import type { Advice } from '../src/advice.ts'
import { RetailError } from '../src/errors.ts'
import type { Context } from './context.ts'

/** Refuses words that were meant for dbt and are not after --: `retail transform marts` is a forgotten --select. */
export function refuseLooseWords(
  { argv }: Context,
  words: readonly string[],
  { why, hint }: { why: string; hint(words: readonly string[]): Advice },
): void {
  const after = argv.includes('--') ? argv.length - argv.indexOf('--') - 1 : 0
  const loose = words.slice(0, words.length - after)
  if (loose.length > 0)
    throw new RetailError('bad_flag', `unexpected argument '${loose[0]}'`, { why, hint: hint(loose) })
}
