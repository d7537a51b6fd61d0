import type { RelationDialect, ValueFamily } from '../../ports/index.ts'
import { quote } from '../../tables/emit.ts'

export const duckdbRelationDialect: RelationDialect = {
  column: (name) => `"${name.replaceAll('"', '""')}"`,
  text: (cell) => `CAST(${cell} AS VARCHAR)`,
  bytes: (text) => `strlen(${text})`,
  parsed: (text) => `TRY_CAST(${text} AS DOUBLE)`,
  real: (cell) => `TRY_CAST(${cell} AS DOUBLE)`,
  float: (value) => `CAST(${value} AS DOUBLE)`,
  micros: (cell, family) => (family === 'text' ? `epoch_us(TRY_CAST(${cell} AS TIMESTAMPTZ))` : `epoch_us(${cell})`),
  whole: (value) => `TRY_CAST(${value} AS BIGINT)`,
  quotient: (value, by) => `(${value} // ${by})`,
  remainder: (value, by) => `(${value} % ${by})`,
  // A join: a list of literals would be searched from its start for each row.
  among: (text, texts) => `${text} IN (SELECT unnest([${texts.map(quote).join(', ')}]))`,
  small: (value) => `CAST(${value} AS INTEGER)`,
  // DuckDB sums in 128 bits.
  sumOfSquares: (cell, modulus) => `SUM(${cell} * ${cell}) % ${modulus}`,
}

export function familyOf(type: string): ValueFamily {
  if (/^(VARCHAR|ENUM|BLOB|JSON|UUID|CHAR|TEXT)/.test(type) && !type.endsWith(']'))
    return type === 'VARCHAR' ? 'text' : 'other'
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(type)) return 'integer'
  if (/^DECIMAL\(\d+,\d+\)$/.test(type)) return 'decimal'
  if (type === 'DOUBLE') return 'real'
  if (type === 'FLOAT') return 'single'
  if (/^TIMESTAMP/.test(type) && !type.endsWith(']')) return 'instant'
  return type === 'DATE' ? 'date' : 'other'
}
