import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { DeadLetter, DeadLetters, LetterFilter } from '../../ports/index.ts'
import type { FactName } from '../../tables/index.ts'

type Letters = Pick<Extract<DeadLetters, { can: true }>, 'read'>

/** Named letters, or all open ones. */
export interface ChosenLetters {
  /** Undefined: all open ones. */
  ids?: readonly string[] | undefined
  table?: FactName | undefined
  /** Named letters must be open. Without it, a letter that was dealt with may be dealt with again. */
  open?: boolean
}

/** Letters that are read, published, and marked together. */
const PAGE = 5_000

/** Chosen letters in pages, ordered by receipt. An abort ends it after the current page. */
export async function* pagesOf(
  letters: Letters,
  { ids, table, open = false }: ChosenLetters,
  signal: AbortSignal | undefined,
): AsyncGenerator<DeadLetter[]> {
  if (ids) yield await checkChosen(letters, { ids, table, open })
  else yield* pagesWhere(letters, { state: 'open', table }, signal)
}

export async function* pagesWhere(
  letters: Letters,
  filter: LetterFilter,
  signal: AbortSignal | undefined,
): AsyncGenerator<DeadLetter[]> {
  for (let after: DeadLetter | undefined; !signal?.aborted; ) {
    const page = await letters.read(filter, PAGE, after)
    if (page.length > 0) yield page
    if (page.length < PAGE) return
    after = page.at(-1)
  }
}

/** The named letters. Throws if one does not exist, is not unique, or is not open although it must be. */
export async function checkChosen(
  letters: Letters,
  { ids, table, open = false }: ChosenLetters & { ids: readonly string[] },
): Promise<DeadLetter[]> {
  const found = await letters.read({ ids, table }, ids.length * 10)
  for (const id of ids) {
    const same = found.filter((letter) => letter.id === id)
    if (same.length === 0)
      throw new RetailError('bad_flag', `there is no dead letter ${id}${table ? ` of ${table}` : ''}`, {
        hint: advise`see what there is: ${retail('dead-letters', 'list', '--state', 'all')}`,
      })
    if (same.length > 1)
      throw new RetailError('bad_flag', `there is more than one dead letter ${id}`, {
        why: `message ids are unique only within a subscription: ${same.map(({ subscription }) => subscription).join(', ')}`,
        hint: 'say which one with --table',
      })
    const { state, marked } = same[0]
    if (open && state !== 'open')
      throw new RetailError('bad_flag', `the dead letter ${id} was ${state} already`, {
        why: `by ${marked?.by} at ${marked?.at}`,
        hint: advise`see what is open: ${retail('dead-letters', 'list')}`,
      })
  }
  return found
}
