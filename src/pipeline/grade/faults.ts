import { digestOf } from '../../config/faults.ts'
import type { FaultTerms } from '../../grade/faults/expected.ts'
import { LetterMatch, type LettersFound } from '../../grade/faults/letters.ts'
import { withLetters } from '../../grade/faults/lines.ts'
import type { GradeFaults } from '../../grade/result.ts'
import type { Graded } from '../../grade/verdicts.ts'
import type { Letter } from '../../ports/index.ts'
import { formatSecond } from '../../time.ts'

/** What the dead letters hold; `next` is called for each. */
export async function lettersOf(
  graded: readonly Graded[],
  deadLetters: AsyncIterable<Letter>,
  next: () => void,
): Promise<LettersFound> {
  const match = new LetterMatch(graded.flatMap(({ faulty }) => faulty?.attribution ?? []))
  for await (const letter of deadLetters) {
    next()
    match.add(letter)
  }
  const found = match.result()
  for (const { table } of graded) if (table.faults) table.faults = withLetters(table.faults, table.table, found)
  return found
}

export function faultsOf(terms: FaultTerms, letters: LettersFound | undefined): GradeFaults {
  const { profile, delivered, guessed, record, lateness, lastWins, trueTimes, settle } = terms
  return {
    profile: digestOf(profile),
    ...(Number.isFinite(delivered) && { delivered: formatSecond(delivered) }),
    guessed,
    ...(record !== undefined && { record }),
    ...(lateness !== undefined && { lateness }),
    ...{ lastWins, trueTimes, settle },
    ...(letters && { deadLetters: { letters: letters.letters, damaged: letters.damaged } }),
  }
}
