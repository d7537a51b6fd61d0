import { FactText } from '../src/encode/fact-text.ts'
import type { TextFormat } from '../src/encode/row-layout.ts'
import type { ColumnBatch } from '../src/simulator/column-batch.ts'
import { type FactName, factColumns, facts } from '../src/tables/index.ts'
import { plainRows } from '../src/truth/rows.ts'
import type { World } from '../src/world/world.ts'

/** The rows of batches as the encoder writes them, through buffers of `size` bytes. */
export function encoded(
  world: World,
  table: FactName,
  format: TextFormat,
  batches: readonly ColumnBatch[],
  size: number,
): string {
  const text = new FactText(world, table, format)
  const bytes = Buffer.alloc(size)
  let all = text.head
  for (const batch of batches) {
    text.begin(batch)
    for (let n = text.fill(bytes); n > 0; n = text.fill(bytes)) all += bytes.toString('latin1', 0, n)
  }
  return all
}

const lines = {
  csv: (row: Record<string, string>) => `${Object.values(row).join(',')}\n`,
  ndjson: (row: Record<string, string>) => `{${Object.entries(row).map(member).join(',')}}\n`,
}
const NUMBERS = new Set(
  facts.flatMap((fact) =>
    factColumns(fact, 'extended').flatMap(([name, { type }]) => (['int', 'money'].includes(type) ? [name] : [])),
  ),
)
const OPTIONAL = new Set(
  facts.flatMap((fact) => factColumns(fact, 'extended').flatMap(([name, { optional }]) => (optional ? [name] : []))),
)
const member = ([name, value]: [string, string]) => {
  if (OPTIONAL.has(name) && value === '') return `"${name}":null`
  if (name === 'timestamp') return `"${name}":"${value.replace(' ', 'T')}Z"`
  return NUMBERS.has(name) ? `"${name}":${value}` : `"${name}":"${value}"`
}

/** The same, written plainly: what the encoder has to equal. */
export function naive(world: World, table: FactName, format: TextFormat, batches: readonly ColumnBatch[]): string {
  const rows = batches.flatMap((batch) => Array.from(plainRows(world, table, batch), ({ row }) => row))
  return rows.map(lines[format]).join('')
}
