/** A column of an answer. `kind`: how JSON writes its cells; `json`: they are JSON already. */
export interface QueryColumn {
  name: string
  kind: 'number' | 'boolean' | 'text' | 'json'
}

/** A cell as text: numbers with all their digits; null: NULL. */
export type QueryCell = string | null

/** The answer to a person's query, as it arrives. */
export interface QueryAnswer extends AsyncDisposable {
  readonly columns: readonly QueryColumn[]
  /** Some rows at a time. Memory does not grow with their number. */
  readonly pages: AsyncIterable<QueryCell[][]>
  /** Bytes billed for it; undefined if queries are free. */
  readonly billedBytes: number | undefined
}
