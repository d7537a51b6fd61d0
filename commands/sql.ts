import path from 'node:path'
import { text } from 'node:stream/consumers'
import { type Command, Option } from 'commander'
import { advise, retail } from '../src/advice.ts'
import { RetailError } from '../src/errors.ts'
import type { QueryCell, QueryColumn } from '../src/ports/index.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './flag-types.ts'
import { choiceFlag, countFlag, targetOption } from './flags.ts'

const FORMATS = ['table', 'csv', 'json', 'ndjson'] as const
type RowFormat = (typeof FORMATS)[number]

/** A table stays in memory until the widths of its columns are known. */
const SHOWN = 100
const MOST_SHOWN = 10_000
const STDIN = '-'

interface SqlFlags extends OverrideFlags {
  format?: RowFormat
  limit?: number
}

export function sql(context: Context, command: Command): Command {
  return describeCommand(context, command, {
    about:
      'Reads what was published last, and changes nothing: one SELECT, or what lists tables and columns. The SQL is that of the database: DuckDB, or BigQuery on target gcp. Tables of marts, staging, and raw need no prefix on DuckDB, those of marts none on BigQuery.',
    examples: [
      ['retail sql "SELECT category, sum(revenue) AS revenue FROM daily_sales GROUP BY 1"', 'ask the marts'],
      ['retail sql "SHOW ALL TABLES"', 'list tables and columns'],
      ['retail sql "FROM transactions" --format csv', 'stream every row of a table'],
      ['retail sql report.sql --json', 'run a file, and print JSON'],
      ['retail sql - < report.sql', 'read the query from stdin'],
    ],
  })
    .argument('<query>', 'a statement, a file whose name ends in .sql, or - for stdin')
    .addOption(
      new Option('--format <name>', 'form of the rows (default: table on a terminal, otherwise csv)')
        .choices(FORMATS)
        .argParser(choiceFlag(FORMATS)),
    )
    .option('--limit <n>', `the most rows to print (default: ${SHOWN} in a table, otherwise all)`, countFlag(0))
    .addOption(targetOption())
    .action(async (given: string, { format: asked, limit, ...overrides }: SqlFlags) => {
      const format = formatOf(context, asked)
      if (format === 'table' && limit !== undefined && limit > MOST_SHOWN)
        throw new RetailError('bad_flag', `a table shows ${MOST_SHOWN} rows at most`, {
          why: 'its columns are as wide as their widest cell, so all rows have to fit in memory',
          hint: 'print rows as they arrive: add --format csv',
        })
      const [{ formatCount, formatBytes, formatDuration }, { rowWriter }, { ReaderLeft, rowSink }] = await Promise.all([
        import('./render/format.ts'),
        import('./render/rows.ts'),
        import('./row-sink.ts'),
      ])
      const { config } = await context.load(overrides)
      const query = await queryOf(context, given)
      await using ports = await context.open(config)
      const write = rowSink(context.io.stdout, 'run the same command again')
      const rows = rowWriter(format, context.io.stdout)
      const put = async (printed: string) => void (printed !== '' && (await write(Buffer.from(printed))))
      try {
        context.ui.step('running the query')
        const result = await context.verbs.sql(ports, config, {
          query,
          limit: limit ?? (format === 'table' ? SHOWN : undefined),
          signal: context.signal,
          async onColumns(columns: readonly QueryColumn[]) {
            context.ui.clear()
            await put(rows.begin(columns))
          },
          onRows: (page: readonly (readonly QueryCell[])[]) => put(rows.take(page)),
        })
        await put(rows.end())
        const count = `${formatCount(result.rows)} row${result.rows === 1 ? '' : 's'}`
        const billed = result.billedBytes === undefined ? '' : ` · ${formatBytes(result.billedBytes)} billed`
        context.ui.done(`✔ ${result.more ? `The first ${count}` : count} in ${formatDuration(result.seconds)}${billed}`)
        if (result.more && limit === undefined)
          context.ui.note('There are more rows: --limit shows more of them, and --format csv all')
      } catch (error) {
        // Whoever reads stdout has closed it.
        const isEnough = error instanceof ReaderLeft || (context.signal.aborted && context.stoppedBy === undefined)
        if (!isEnough) throw error
        context.ui.clear()
      }
    })
}

function formatOf({ flags, io }: Context, asked: RowFormat | undefined): RowFormat {
  if (!flags.json) return asked ?? (io.stdout.isTTY ? 'table' : 'csv')
  if (asked === undefined || asked === 'json') return 'json'
  throw new RetailError('bad_flag', '--json and --format cannot be combined', {
    why: 'both say what stdout carries',
    hint: 'omit one of them',
  })
}

/** A word that is a name of a file is no statement. */
async function queryOf({ io }: Context, given: string): Promise<string> {
  if (given === STDIN) return await text(io.stdin)
  if (!/^\S+\.sql$/i.test(given)) return given
  const { readTextFile } = await import('../src/config/file.ts')
  const found = readTextFile(path.resolve(io.cwd, given), given)
  if (found !== undefined) return found
  throw new RetailError('bad_flag', `${given} does not exist`, {
    hint: advise`name a file, or give the statement: ${retail('sql', 'FROM daily_sales')}`,
  })
}
