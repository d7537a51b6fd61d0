import { missingText } from '../../src/pipeline/delivery/ledger.ts'
import type { DeliveryNote } from '../../src/pipeline/results.ts'
import { formatCount } from './format.ts'

/** The number of rows listed by name; `--json` lists more. */
const NAMED = 3

/** What a transform left out, and why. */
export const deliveryLines = (delivery: DeliveryNote | undefined): string[] => [
  ...(delivery?.shortage ? [`  ! ${renderShortage(delivery.shortage)}`] : []),
  ...surplusLines(delivery),
]

/** `12 of transactions and 3 of inventories (5 of them are dead letters), published from … to …, have not arrived` */
export const renderShortage = (shortage: NonNullable<DeliveryNote['shortage']>): string =>
  `${missingText(shortage)}, published from ${shortage.from} to ${shortage.to}, have not arrived`

/** Rows of raw that are not of this world. */
export function surplusLines(delivery: DeliveryNote | undefined): string[] {
  if (!delivery || delivery.surplusCount === 0) return []
  const { surplus, surplusCount } = delivery
  const rows = surplusCount === 1 ? '1 row of raw is' : `${formatCount(surplusCount)} rows of raw are`
  const named = surplus.slice(0, NAMED).map(({ table, id, why }) => `    ${table} ${id}: ${why}`)
  const more = surplusCount > named.length ? [`    and ${formatCount(surplusCount - named.length)} more`] : []
  return [`  ! ${rows} not of this world and left out of staging`, ...named, ...more]
}
