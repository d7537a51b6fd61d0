import { cellsOf, type Fact, type FactName, type FactRows, type FactValues, facts, tables } from '../tables/index.ts'

export type Put<F extends FactName> = (rows: FactRows<F>, n: number, values: FactValues<F>) => void
export type Copy<F extends FactName> = (from: FactRows<F>, to: FactRows<F>, start: number, end: number) => void

/** How to write and copy the rows of a fact. */
export interface RowCode<F extends FactName> {
  /**
   * Writes row `n`. Generated for the cells of the fact, so that V8 inlines it: no object of values is ever created.
   */
  put: Put<F>
  /** Appends the rows [start, end) of one batch to another, row by row, because there are usually only a few. */
  copy: Copy<F>
}

/**
 * Generated from the columns of a fact, so that it is a straight line of loads and stores of known arrays; a loop over
 * columns would look up each of them by name. In a strict world, it does not touch the cells of extended columns.
 */
function rowCodeOf(fact: Fact, schema: 'strict' | 'extended') {
  const names = cellsOf(fact, schema).map(({ name }) => name)
  const lines = (line: (name: string) => string) => names.map(line).join('\n')
  return {
    put: generated(`(rows, n, values) => {
${lines((name) => `  rows.${name}[n] = values.${name}`)}
}`),
    copy: generated(`(from, to, start, end) => {
  let n = to.n
  for (let i = start; i < end; i++, n++) {
${lines((name) => `    to.${name}[n] = from.${name}[i]`)}
  }
  to.n = n
}`),
  }
}

const generated = (source: string) => new Function(`return ${source}`)()

type RowCodes = { readonly [F in FactName]: RowCode<F> }
const codesOf = (schema: 'strict' | 'extended'): RowCodes =>
  Object.fromEntries(facts.map(({ name }) => [name, rowCodeOf(tables[name], schema)])) as unknown as RowCodes

export const rowCode = { strict: codesOf('strict'), extended: codesOf('extended') }
