import type { Dialect, Layer } from '../../ports/index.ts'
import { bigqueryRelationDialect } from './bigquery-relation-dialect.ts'

const whole = (value: string) => `CAST(${value} AS INT64)`

/** The datasets of one workspace. */
export const bigqueryDialect = (project: string, datasets: Readonly<Record<Layer, string>>): Dialect => ({
  relation: (layer, table) => `\`${project}.${datasets[layer]}.${table}\``,
  column: (name) => `\`${name}\``,
  parameter: (name) => `@${name}`,
  // A copy that differs in any cell stays, so that `verify` finds it.
  once: (relation, where) => `(SELECT DISTINCT * FROM ${relation} WHERE ${where})`,
  text: (cell, type) =>
    type === 'timestamp'
      ? `FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', ${cell})`
      : type === 'money'
        ? `FORMAT('%.2f', ${cell})`
        : `CAST(${cell} AS STRING)`,
  seconds: (cell) => `UNIX_SECONDS(${cell})`,
  microseconds: (cell) => `mod(UNIX_MICROS(${cell}), 1000000)`,
  whole,
  integer: (text) => `SAFE_CAST(${text} AS INT64)`,
  sumOfSquares: (cell, modulus) => whole(`mod(SUM(mod(${cell} * ${cell}, ${modulus})), ${modulus})`),
  instant: (text) => `TIMESTAMP '${text}+00'`,
  matches: (text, pattern) => `REGEXP_CONTAINS(${text}, r'${pattern}')`,
  conversions: bigqueryRelationDialect,
  hash: (cell) => whole(`CONCAT('0x', SUBSTR(TO_HEX(MD5(${cell})), 1, 7))`),
})
