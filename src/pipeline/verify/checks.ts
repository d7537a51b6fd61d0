import { facts } from '../../tables/index.ts'
import { checkLedger } from './balances.ts'
import type { Finding, VerifyContext } from './check.ts'
import { checkDimensions } from './dimensions.ts'
import { checkKeys } from './keys.ts'
import { compareMart, type Mart } from './mart.ts'
import { MARTS } from './marts.ts'
import { checkFact } from './raw.ts'
import type { CheckName } from './sentences.ts'
import { checkStaging } from './staging.ts'

interface RowCheck {
  name: CheckName
  /** When it runs; default: always. */
  when?: (which: { quick: boolean; marts: boolean; travels: boolean; extended: boolean }) => boolean
  work: (context: VerifyContext) => Promise<Finding>
}

type When = NonNullable<RowCheck['when']>
const ifThorough: When = ({ quick }) => !quick

/** The checks that compare rows, in order. */
const ROW_CHECKS: readonly RowCheck[] = [
  { name: 'dimensions', work: checkDimensions },
  ...facts.map(({ name }): RowCheck => ({ name, work: (context) => checkFact(context, name) })),
  { name: 'keys', work: checkKeys },
  { name: 'ledger', when: ifThorough, work: checkLedger },
  // Only events that travel through a broker can arrive twice.
  { name: 'staging', when: ({ marts, travels }) => marts && travels, work: checkStaging },
  ...MARTS.map(
    (mart): RowCheck => ({
      name: mart.model,
      when: ({ marts, quick, extended }) => marts && (mart.quick || !quick) && (extended || !isExtended(mart)),
      work: (context) => compareMart(mart, context),
    }),
  ),
]

const isExtended = (mart: Mart): boolean => mart.extended === true

export const rowChecks = (which: Parameters<When>[0]): readonly RowCheck[] =>
  ROW_CHECKS.filter(({ when }) => when?.(which) ?? true)
