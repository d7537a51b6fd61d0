import type { LiveByBroker, Ports } from '../../ports/index.ts'
import { type Ledger, missingText, shortageOf } from '../delivery/ledger.ts'
import type { Finding } from './check.ts'

/** Checks what keeps readers from reading raw. It changes nothing on failure: that is for a command that writes. */
export async function checkDatabase({ warehouse }: Pick<Ports, 'warehouse'>): Promise<Finding> {
  const sentence = await warehouse.trouble()
  const differences: Finding['differences'] = sentence
    ? [{ check: 'database', kind: 'changed', table: 'raw', file: warehouse.location, sentence }]
    : []
  return { compared: 1, differences }
}

/** Whether all published events have arrived in raw. */
export function checkDelivery({ arrival, broker }: LiveByBroker, ledger: Ledger): Finding {
  const compared = ledger.rows.length
  const shortage = shortageOf(ledger)
  if (!shortage) return { compared, differences: [] }
  const { from, to } = shortage
  const writer = arrival.by === 'itself' ? `${broker.product} writes them` : 'run load to bring them in'
  const found = `${missingText(shortage)} from ${from} to ${to} are not in raw yet; ${writer}`
  return {
    compared,
    differences: [
      {
        check: 'delivery',
        kind: 'missing',
        table: 'transactions and inventories',
        day: from.slice(0, 10),
        found,
        range: { from, to },
      },
    ],
  }
}
