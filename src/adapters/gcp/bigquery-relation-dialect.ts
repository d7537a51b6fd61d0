import type { RelationDialect } from '../../ports/index.ts'

export const bigqueryRelationDialect: RelationDialect = {
  column: (name) => `\`${name}\``,
  text: (cell) => `CAST(${cell} AS STRING)`,
  bytes: (text) => `BYTE_LENGTH(${text})`,
  parsed: (text) => `SAFE_CAST(${text} AS FLOAT64)`,
  real: (cell) => `SAFE_CAST(${cell} AS FLOAT64)`,
  float: (value) => `CAST(${value} AS FLOAT64)`,
  micros: (cell) => `UNIX_MICROS(SAFE_CAST(${cell} AS TIMESTAMP))`,
  whole: (value) => `SAFE_CAST(${value} AS INT64)`,
  quotient: (value, by) => `DIV(${value}, ${by})`,
  remainder: (value, by) => `MOD(${value}, ${by})`,
  // Its strings have the escapes of JSON, and none of standard SQL.
  among: (text, texts) => `${text} IN UNNEST([${texts.map((each) => JSON.stringify(each)).join(', ')}])`,
  small: (value) => value,
  sumOfSquares: (cell, modulus) => `MOD(SUM(MOD(${cell} * ${cell}, ${modulus})), ${modulus})`,
}
