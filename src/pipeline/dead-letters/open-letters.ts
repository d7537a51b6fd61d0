import type { LetterCount, Ports } from '../../ports/index.ts'

/** The number of messages that were rejected, and that nobody has dealt with; undefined where there can be none. */
export async function openLettersOf({ deadLetters }: Pick<Ports, 'deadLetters'>): Promise<number | undefined> {
  return deadLetters.can ? countOpen(await deadLetters.count()) : undefined
}

export const countOpen = (counts: readonly LetterCount[]): number =>
  counts.filter(({ state }) => state === 'open').reduce((n, { letters }) => n + letters, 0)
