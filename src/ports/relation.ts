/** What the values of a column are, whatever its database calls the type. */
export type ValueFamily = 'text' | 'integer' | 'decimal' | 'real' | 'single' | 'instant' | 'date' | 'other'

export interface RelationColumn {
  name: string
  /** The name of its type, for people. */
  type: string
  family: ValueFamily
}

/** How a database writes conversions that yield NULL, and never an error, for a value that cannot be converted. */
export interface RelationDialect {
  column(name: string): string
  /** Any cell as text. */
  text(cell: string): string
  /** How many bytes a text has, in UTF-8. */
  bytes(text: string): string
  /** The number of a text as a double. */
  parsed(text: string): string
  /** A number of any type as a double. */
  real(cell: string): string
  /** A number that is computed here as a double. */
  float(value: string): string
  /** Microseconds since 1970, as a 64-bit integer, of an instant, a date, or a text; a time without a zone is UTC. */
  micros(cell: string, family: 'instant' | 'date' | 'text'): string
  /** A double as a 64-bit integer. */
  whole(value: string): string
  /** The quotient and the remainder of 64-bit integers. */
  quotient(value: string, by: number): string
  remainder(value: string, by: number): string
  /** Whether a text is one of many. */
  among(text: string, texts: readonly string[]): string
  /** A 64-bit integer that fits 32 bits, in the type that arrives here as a number. */
  small(value: string): string
  /** The sum of the squares of integers between −modulus and modulus, mod `modulus`. */
  sumOfSquares(cell: string, modulus: number): string
}

/**
 * Anybody's table: files, a table of a database, or a query. It is read and never written, and a row of it can hold
 * anything.
 */
export interface Relation extends AsyncDisposable {
  /** Its name as given. */
  readonly name: string
  /** The text after FROM. */
  readonly from: string
  readonly columns: readonly RelationColumn[]
  readonly dialect: RelationDialect
  /** Runs one query and yields chunks of its result: an array of values per column. */
  query(sql: string): AsyncIterable<readonly (readonly unknown[])[]>
  /** Keeps the rows of a query for later queries, if that is cheaper than to read again; resolves to what to select from. */
  keep(name: string, sql: string): Promise<string>
  /** Ends the query that is running, which then throws. */
  stop(): void
  /** Files that lack a column which others of them have; a table that is not in files has none. */
  without(column: string): Promise<string[]>
  /** Lines of text that are no rows; counted while queries run. */
  unreadable(): Promise<number>
}

/** What a consumer put aside: the bytes of a line, or the texts of a row. */
export type Letter = readonly (Buffer | string)[]
