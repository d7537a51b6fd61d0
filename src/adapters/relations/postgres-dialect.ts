import type { RelationDialect, ValueFamily } from '../../ports/index.ts'
import { quote } from '../../tables/emit.ts'

/** Larger numbers are never right, and their products would fail. */
const LARGEST = '1e30'
const NUMBER = `^\\s*[+-]?(\\d{1,40}(\\.\\d{0,40})?|\\.\\d{1,40})([eE][+-]?\\d{1,2})?\\s*$`
/** An instant whose cast can only fail for a day that its month lacks. */
const INSTANT = `^(?!0000)\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])([T ]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,6})?)?\\s?(Z|UTC|[+-](0\\d|1[0-4])(:?[0-5]\\d)?)?)?$`

const float = (value: string) => `CAST(${value} AS double precision)`
const epoch = (instant: string) => `CAST(extract(epoch FROM ${instant}) * 1000000 AS bigint)`
const lastDay = (text: string) =>
  `extract(day FROM CAST(substr(${text}, 1, 7) || '-01' AS date) + interval '1 month - 1 day')`

/** Before version 16, PostgreSQL has no conversion that does not fail, so patterns decide what is converted. */
export const postgresDialect: RelationDialect = {
  column: (name) => `"${name.replaceAll('"', '""')}"`,
  text: (cell) => `CAST(${cell} AS text)`,
  bytes: (text) => `octet_length(${text})`,
  parsed: (text) => `(CASE WHEN ${text} ~ '${NUMBER}' THEN ${float(text)} END)`,
  real: (cell) => `(CASE WHEN abs(${cell}) < ${LARGEST} THEN ${float(cell)} END)`,
  float,
  micros(cell, family) {
    if (family !== 'text') return `(CASE WHEN isfinite(${cell}) THEN ${epoch(cell)} END)`
    const isDay = `CAST(substr(${cell}, 9, 2) AS integer) <= ${lastDay(cell)}`
    return `(CASE WHEN ${cell} ~ '${INSTANT}' THEN CASE WHEN ${isDay} THEN ${epoch(`CAST(${cell} AS timestamptz)`)} END END)`
  },
  whole: (value) => `(CASE WHEN abs(${value}) < 9e18 THEN CAST(${value} AS bigint) END)`,
  quotient: (value, by) => `(${value} / ${by})`,
  remainder: (value, by) => `(${value} % ${by})`,
  among: (text, texts) => `${text} = ANY (ARRAY[${texts.map(quote).join(', ')}]::text[])`,
  small: (value) => `CAST(${value} AS integer)`,
  sumOfSquares: (cell, modulus) => `mod(SUM(${cell} * ${cell}), ${modulus})`,
}

/** By the oid of a type, which never changes for a type of the system. */
export const FAMILIES: Readonly<Record<number, ValueFamily>> = {
  ...{ 20: 'integer', 21: 'integer', 23: 'integer' },
  ...{ 700: 'single', 701: 'real', 1700: 'decimal' },
  ...{ 25: 'text', 1043: 'text' },
  ...{ 1082: 'date', 1114: 'instant', 1184: 'instant' },
}
