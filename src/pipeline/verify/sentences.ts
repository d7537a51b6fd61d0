import { type Damage, MISSING } from '../../ports/damage.ts'
import { byFact } from '../../tables/index.ts'
import { MARTS, type MartName } from './marts.ts'
import type { VerifyDifference } from './result.ts'

/**
 * passed: correct; failed: wrong, and the differences say how; inconclusive: nothing could be compared, and `why` gives
 * the reason.
 */
export type Outcome = 'passed' | 'failed' | 'inconclusive'

type Sentences = Record<Outcome, string> & {
  /** The sentence for `--quick`, if that checks less. */
  quick?: Pick<Record<Outcome, string>, 'passed' | 'failed'>
}

/** The sentence of each check for every outcome. The type requires all of them. */
const SENTENCES = {
  files: {
    passed: 'every part and batch exists, is intact, and belongs to this world',
    failed: 'parts or batches are missing, damaged, or do not match their names',
    inconclusive: 'the parts and batches could not be read',
    quick: { passed: 'every part and batch exists', failed: 'parts or batches are missing' },
  },
  database: {
    passed: 'the raw views of the database read this lake',
    failed: 'the raw views of the database do not read this lake',
    inconclusive: 'the database file could not be checked',
  },
  delivery: {
    passed: 'every published event has arrived',
    failed: 'some published events have not arrived',
    inconclusive: 'could not determine whether every published event has arrived',
  },
  dimensions: {
    passed: 'every dimension matches this world',
    failed: 'a dimension does not match this world',
    inconclusive: 'the dimensions could not be compared',
  },
  ...byFact(fact),
  keys: {
    passed: 'every member of a dimension in the fact tables exists',
    failed: 'the fact tables refer to members of a dimension that do not exist',
    inconclusive: 'the keys in the fact tables could not be checked',
  },
  ledger: {
    passed: 'opening + movements = closing, and stock is never below zero',
    failed: 'stock does not add up, or falls below zero',
    inconclusive: 'the stock balances could not be computed',
  },
  staging: {
    passed: 'every row in staging appears exactly once',
    failed: 'staging contains duplicate rows',
    inconclusive: 'the rows in staging could not be counted',
  },
  ...(Object.fromEntries(
    MARTS.map(({ model, about, failed }) => [
      model,
      { passed: about, failed, inconclusive: 'the mart could not be compared' },
    ]),
  ) as Record<MartName, Sentences>),
} satisfies Record<string, Sentences>

export type CheckName = keyof typeof SENTENCES

function fact(table: string): Sentences {
  return {
    passed: 'every day has the right rows, by row count and checksums of all columns',
    failed: 'rows are missing, duplicated, or changed',
    inconclusive: `the rows of ${table} could not be compared`,
    quick: { passed: 'every day has the right number of rows', failed: 'some days have the wrong number of rows' },
  }
}

export function sentenceOf(name: CheckName, outcome: Outcome, quick: boolean): string {
  const sentences: Sentences = SENTENCES[name]
  if (quick && sentences.quick && outcome !== 'inconclusive') return sentences.quick[outcome]
  return sentences[outcome]
}

/** A difference as a check finds it; the check adds what the fields cannot express. */
export type Found = Omit<VerifyDifference, 'sentence'> & {
  sentence?: string
  /** What is wrong with the file, for `repair`. */
  damage?: Damage
}

/** The fields of a difference that follow from what is wrong with a file. */
export const differenceOf = (damage: Damage) =>
  ({ kind: damage.kind === 'missing' ? 'missing' : 'damaged', found: damage.why, damage }) as const

/** A difference in plain words, beside the location in its other fields. */
const DIFFERENCES: Record<VerifyDifference['kind'], (difference: Found) => string> = {
  missing: ({ file, found, expected }) =>
    found ?? (file ? MISSING.why : `the row is missing${expected ? `; expected ${expected}` : ''}`),
  doubled: ({ expected, found }) =>
    `the row is duplicated${expected && found ? `: ${found} instead of ${expected}` : ''}`,
  unexpected: ({ column, found }) =>
    column ? `${column} is wrong: ${found}` : `the row should not exist${found ? `: ${found}` : ''}`,
  damaged: ({ found }) => found ?? 'the file is damaged',
  changed: ({ column, expected, found }) => {
    const what = column ? `${column} is` : 'it is'
    if (expected === undefined) return found === undefined ? 'some rows of this day differ' : `${what} ${found}`
    return `${what} ${found ?? 'missing'}, not ${expected}`
  },
}

export const described = ({ damage: _, ...found }: Found): VerifyDifference => ({
  ...found,
  sentence: found.sentence ?? DIFFERENCES[found.kind](found),
})
