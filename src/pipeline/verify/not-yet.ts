import type { Dialect, Ports } from '../../ports/index.ts'
import { byFact, type FactName, keyOf, tables } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import { plainRows } from '../../truth/rows.ts'
import { instant } from '../../truth/sql.ts'
import type { World } from '../../world/world.ts'
import { rowsOf } from '../history/repair.ts'

/**
 * Verify compares the rows before an instant, and SQL compares whole seconds. For an instant within a second, this
 * condition leaves out the other rows of that second, which a running stream may deliver at any moment. Undefined for a
 * whole second. The rows to leave out come from the state of a snapshot, the expected ones from the beginning of the
 * world: an expected row that was left out is reported as missing.
 */
export async function notYet(
  ports: Pick<Ports, 'workspace'>,
  world: World,
  before: Second,
  dialect: Dialect,
): Promise<Record<FactName, string> | undefined> {
  if (Number.isInteger(before)) return undefined
  const second = instant(dialect, Math.floor(before))
  const rest = await rowsOf(ports, world, before, Math.ceil(before))
  return byFact((name) => {
    const id = keyOf(tables[name])
    const ids = Array.from(plainRows(world, name, rest), ({ row }) => `'${row[id]}'`)
    if (ids.length === 0) return 'TRUE'
    return `(${dialect.column('timestamp')} = ${second} AND ${id} IN (${ids.join(', ')})) IS NOT TRUE`
  })
}
