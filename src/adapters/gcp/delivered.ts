import type { Checkpoint, Cut, Position, Reader } from '../../ports/index.ts'
import { facts } from '../../tables/index.ts'
import { formatSecond, type Second } from '../../time.ts'

/**
 * The last instant before which everything that was published is in raw. Events arrive in any order and more than once, so
 * distinct ids are counted against what the stream counted; there is one query for each table, over what came after history.
 */
export async function deliveredCut(reader: Reader, history: Second, position: Position | undefined): Promise<Cut> {
  if (!position || position.position <= history) return { history, live: history }
  const arrived = new Map<Checkpoint, boolean>(position.checkpoints.map((checkpoint) => [checkpoint, true]))
  for (const { name } of facts) {
    const id = name === 'transactions' ? 'transaction_id' : 'inventory_id'
    const counts = position.checkpoints.map(
      ({ at }, i) => `COUNT(DISTINCT IF(\`timestamp\` < ${literal(at)}, ${id}, NULL)) AS n${i}`,
    )
    const where = `\`timestamp\` >= ${literal(position.since)} AND \`timestamp\` < ${literal(position.position)}`
    const [row] = await reader.query(`SELECT ${counts.join(', ')} FROM raw.${name} WHERE ${where}`)
    position.checkpoints.forEach((checkpoint, i) => {
      if (Number(row[`n${i}`]) !== checkpoint.rows[name]) arrived.set(checkpoint, false)
    })
  }
  const live = position.checkpoints.filter((checkpoint) => arrived.get(checkpoint)).map(({ at }) => at)
  return { history, live: Math.max(history, ...live) }
}

const literal = (second: Second): string => `TIMESTAMP '${formatSecond(second).slice(0, 19).replace('T', ' ')}+00'`
