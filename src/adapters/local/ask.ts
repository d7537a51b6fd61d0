import type { DuckDBPreparedStatement, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { QueryAnswer, QueryCell, QueryColumn } from '../../ports/index.ts'
import { isDamage } from '../../system-errors.ts'
import { placeOf, writingQuery, wrongQuery } from '../query-error.ts'
import type { Database } from './duckdb.ts'

const TABLES = advise`list the tables: ${retail('sql', 'SHOW ALL TABLES')}`

/** The layers whose tables a query may name alone, in the order in which they are searched. */
const LAYERS = 'marts,staging,raw'

/** Runs one statement that only reads. The answer owns the database. */
export async function askDatabase(
  database: Database,
  sql: string,
  about: { hasMarts: boolean; blame(error: unknown): unknown; signal?: AbortSignal | undefined },
): Promise<QueryAnswer> {
  const { connection } = database
  const { signal } = about
  const interrupt = () => connection.interrupt()
  const explained = (error: unknown) => Promise.reject(explain(error, sql, about))
  const release = async () => {
    signal?.removeEventListener('abort', interrupt)
    await database[Symbol.asyncDispose]()
  }
  try {
    const { JsonDuckDBValueConverter } = await import('@duckdb/node-api')
    await connection.run(`SET search_path = '${LAYERS}'`)
    await connection.run('SET errors_as_json = true')
    signal?.throwIfAborted()
    signal?.addEventListener('abort', interrupt, { once: true })
    const statement = await prepared(database, sql).catch(explained)
    const result = await statement.stream().catch(explained)
    const columns = result
      .deduplicatedColumnNames()
      .map((name, i): QueryColumn => ({ name, kind: kindOf(result.columnType(i)) }))
    async function* pages(): AsyncGenerator<QueryCell[][]> {
      for (;;) {
        const chunk = await result.fetchChunk().catch(explained)
        if (!chunk || chunk.rowCount === 0) return
        const nested = columns.some(({ kind }) => kind === 'json') ? chunk.convertRows(JsonDuckDBValueConverter) : []
        yield chunk
          .getRows()
          .map((row, r) =>
            row.map((value, c) =>
              value === null || columns[c].kind !== 'json' || typeof value === 'string'
                ? text(value)
                : JSON.stringify(nested[r][c]),
            ),
          )
      }
    }
    return { columns, pages: pages(), billedBytes: undefined, [Symbol.asyncDispose]: release }
  } catch (error) {
    await release()
    throw error
  }
}

async function prepared({ connection }: Database, sql: string): Promise<DuckDBPreparedStatement> {
  const { StatementType } = await import('@duckdb/node-api')
  if (sql.trim() === '') throw wrongQuery(undefined, 'it is empty', { hint: TABLES })
  const prepare = async (text: string) => {
    const statements = await connection.extractStatements(text)
    if (statements.count > 1) throw writingQuery('several statements', 'give them one by one')
    return await statements.prepare(0)
  }
  const statement = await prepare(sql)
  // EXPLAIN ANALYZE runs what it explains.
  const explainedText = EXPLAINED.exec(sql)
  const type = explainedText
    ? (await prepare(sql.slice(explainedText[0].length))).statementType
    : statement.statementType
  if (type !== StatementType.SELECT)
    throw writingQuery(
      `a statement of the kind ${StatementType[type]}`,
      advise`write files with a redirect: ${retail('sql', 'FROM daily_sales', '--format', 'csv')}`,
    )
  if (statement.parameterCount > 0)
    throw wrongQuery(undefined, 'it has parameters', { hint: 'write their values into the query' })
  return statement
}

/** DuckDB's client has a form of its own for text that is JSON already. */
const text = (value: DuckDBValue): QueryCell => (value === null ? null : String(value))

const EXPLAINED = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*explain\s+(?:analyze\s+)?(?:\([^)]*\)\s*)?/i

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*|FLOAT|DOUBLE|BIGNUM|VARINT)$/
const NESTED = /(\[\d*\]|^(STRUCT|MAP|UNION|JSON)\b.*)$/

function kindOf(type: DuckDBType): QueryColumn['kind'] {
  const name = type.alias ?? type.toString()
  if (NESTED.test(name)) return 'json'
  return NUMBER.test(name) ? 'number' : name === 'BOOLEAN' ? 'boolean' : 'text'
}

/** DuckDB's error as JSON. */
interface Failure {
  exception_type: string
  exception_message: string
  position?: string
  error_subtype?: string
}

/** Errors of these kinds are the query's, whatever they say; those of reading and writing are not. */
const OF_QUERY =
  /^(Parser|Syntax|Binder|Catalog|Conversion|Out of Range|Invalid (Input|Type)|Mismatch Type|Not implemented|Permission)$/
const NO_FILE = /^No files found that match/

function explain(
  error: unknown,
  sql: string,
  { hasMarts, blame }: { hasMarts: boolean; blame(error: unknown): unknown },
): unknown {
  const failure = error instanceof RetailError ? undefined : failureOf(error)
  if (!failure) return blame(error)
  const { exception_type: type, exception_message: message, position, error_subtype: subtype } = failure
  const plain = new Error(`${type} Error: ${message}`, { cause: error })
  const blamed = blame(plain)
  if (blamed !== plain || isDamage(plain) || !(OF_QUERY.test(type) || NO_FILE.test(message))) return blamed
  const [what, ...more] = message.split('\n').filter(Boolean)
  const noMarts = subtype === 'MISSING_ENTRY' && !hasMarts
  return wrongQuery(position === undefined ? undefined : placeOf(sql, Number(position)), what.replace(/[!.]$/, ''), {
    why: more
      .join(' ')
      .replace(/^Candidate bindings:/, 'candidates:')
      .replace(/^Did you mean/, 'did you mean'),
    hint: noMarts ? advise`there are no marts yet; ${retail('transform')} builds them` : TABLES,
    cause: error,
  })
}

function failureOf(error: unknown): Failure | undefined {
  const [json] = /\{"exception_type".*\}/s.exec(String((error as Error)?.message)) ?? []
  try {
    return json === undefined ? undefined : (JSON.parse(json) as Failure)
  } catch {
    // Its text is shown unchanged.
    return undefined
  }
}
