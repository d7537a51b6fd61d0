import type { Dialect } from '../../ports/index.ts'
import { duckdbRelationDialect } from './relation-dialect.ts'

const whole = (value: string) => `CAST(${value} AS BIGINT)`

export const duckdbDialect: Dialect = {
  relation: (layer, table) => `${layer}.${table}`,
  column: (name) => `"${name}"`,
  parameter: (name) => `$${name}`,
  once: (relation) => relation,
  text: (cell) => `CAST(${cell} AS VARCHAR)`,
  seconds: (cell) => `(epoch_us(${cell}) // 1000000)`,
  microseconds: (cell) => `(epoch_us(${cell}) % 1000000)`,
  whole,
  integer: (text) => `TRY_CAST(${text} AS BIGINT)`,
  // DuckDB sums in 128 bits, so one modulo per group is enough. With 64 bits, use SUM(mod(x * x, M)), which is
  // equivalent.
  sumOfSquares: (cell, modulus) => whole(`mod(SUM(${cell} * ${cell}), ${modulus})`),
  instant: (text) => `TIMESTAMP '${text}'`,
  matches: (text, pattern) => `regexp_matches(${text}, '${pattern}')`,
  conversions: duckdbRelationDialect,
  hash: (cell) => whole(`'0x' || substr(md5(${cell}), 1, 7)`),
}
