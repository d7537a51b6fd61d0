import type { Dialect, Layer } from './dialect.ts'

/** A table or view of a layer. */
interface Relation {
  readonly layer: Layer
  readonly table: string
}
/** A bound value. */
interface Parameter {
  readonly parameter: string
}

/** A statement, or a piece of one: SQL that all databases share, and names that each dialect writes its own way. */
export interface Sql {
  readonly pieces: readonly (string | Relation | Parameter)[]
}

export const mart = (table: string): Relation => ({ layer: 'marts', table })
export const bound = (parameter: string): Parameter => ({ parameter })

/**
 * sql`select * from ${mart('dim_store')} where state = ${bound('state')}`. Strings are inserted literally: pass values
 * with `bound`, never as strings.
 */
export function sql(
  texts: TemplateStringsArray,
  ...values: readonly (Sql | Relation | Parameter | string | number)[]
): Sql {
  return {
    pieces: texts.flatMap((text, i) => {
      const value = values[i]
      if (value === undefined) return [text]
      if (typeof value === 'string' || typeof value === 'number') return [text, String(value)]
      return [text, ...('pieces' in value ? value.pieces : [value])]
    }),
  }
}

export const joined = (parts: readonly Sql[], between: string): Sql => ({
  pieces: parts.flatMap(({ pieces }, i) => (i === 0 ? pieces : [between, ...pieces])),
})

/**
 * The statement in a database's form, with the values of only the parameters that it names: databases reject others.
 */
export function compileStatement(
  { sql: { pieces }, parameters }: { sql: Sql; parameters: Readonly<Record<string, string | number>> },
  dialect: Dialect,
): { text: string; values: Record<string, string | number> } {
  const values: Record<string, string | number> = {}
  const text = pieces.map((piece) => {
    if (typeof piece === 'string') return piece
    if ('layer' in piece) return dialect.relation(piece.layer, piece.table)
    values[piece.parameter] = parameters[piece.parameter]
    return dialect.parameter(piece.parameter)
  })
  return { text: text.join(''), values }
}
