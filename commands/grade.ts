import path from 'node:path'
import { type Command, Option } from 'commander'
import { advise, retail } from '../src/advice.ts'
import { RetailError } from '../src/errors.ts'
import type { GradeResult } from '../src/pipeline/results.ts'
import type { Relation } from '../src/ports/index.ts'
import type { FactName } from '../src/tables/index.ts'
import type { Second } from '../src/time.ts'
import { VERSION } from '../src/version.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import { namesWorld, type OverrideFlags } from './flag-types.ts'
import { countFlag, instantFlag, overrideOptions, pairsFlag } from './flags.ts'
import { faultOptions, faultTermsOf, type GradeFaultFlags } from './grade-faults.ts'

interface GradeFlags extends OverrideFlags, GradeFaultFlags {
  transactions?: string
  inventories?: string
  query?: string
  aggregate?: string | true
  columns?: { name: string; is: string }[]
  where?: string
  from?: Second
  until: Second
  junit?: string
  report?: string
  workers?: number
}

/** An aggregate of what survives faults is not computed. */
const FAULT_FLAGS = ['faults', 'delivered', 'deadLetters']

export function grade(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about:
      'Reads your tables, writes nothing to them, and reports every missing, doubled, changed, and unexpected row, with what each cell should hold. With the faults that were sent, it names the fault behind each difference. Exits with code 6 if there is one, and with 5 if not everything could be decided. A table is a file, a folder, a pattern (Parquet, CSV, or NDJSON), delta:FOLDER, duckdb:FILE:TABLE, postgres://HOST/DATABASE.SCHEMA.TABLE, or bigquery:PROJECT.DATASET.TABLE. The world comes from the workspace, or from flags such as --stores.',
    examples: [
      ['retail grade --transactions out --until 2024-04-01', 'compare the files that your pipeline wrote'],
      ['retail grade --transactions duckdb:mine.db:main.sales --until 2024-04-01', 'compare a table of a DuckDB file'],
      ['retail grade --transactions a.csv --columns id=sale_id,ts=at --until 2024-04-01', 'say which column is which'],
      ['retail grade --transactions out --inventories in --until 2024-04-01', 'both tables, and the stock ledger'],
      ['retail grade --transactions out --until 2024-04-01 --faults rough', 'what your pipeline made of faults'],
      ['retail grade --aggregate daily.parquet --until 2024-04-01', 'compare sums by day, store, or category'],
    ],
  })
    .option('--transactions <table>', 'your table of sale lines')
    .option('--inventories <table>', 'your table of stock movements')
    .addOption(new Option('--query <sql>', 'a query of DuckDB that returns the sale lines').conflicts(['transactions']))
    .addOption(
      new Option(
        '--aggregate [table]',
        'your table of sums, such as revenue by day and store; without a name, that of --query',
      ).conflicts(['transactions', 'inventories', ...FAULT_FLAGS]),
    )
    .option(
      '--columns <pairs>',
      'which of your columns holds which of ours: id=sale_id,ts=sold_at; price=- leaves one out',
      pairsFlag,
    )
    .option('--where <sql>', 'read only the rows of your table that meet this condition')
    .requiredOption(
      '--until <instant>',
      'your table must hold all rows before this instant',
      instantFlag(context.today),
    )
    .option('--from <instant>', 'your table starts here (default: history.from)', instantFlag(context.today))
    .option('--junit <file>', 'also write the result as JUnit XML')
    .option('--report <file>', 'also write the result as one HTML file, to show to people')
    .option('--workers <n>', 'number of worker threads (default: up to one per core)', countFlag(1, 256))
  faultOptions(command, context.today)
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async (flags: GradeFlags) => {
    const {
      aggregate,
      transactions,
      inventories,
      query,
      columns,
      where,
      from,
      until,
      junit,
      report,
      workers,
      ...others
    } = flags
    const { faults, without, delivered, deadLetters, lateness, settle, lastWins, trueTimes, ...overrides } = others
    const sales = query === undefined ? transactions : { query }
    if (sales === undefined && inventories === undefined && typeof aggregate !== 'string')
      throw new RetailError('bad_flag', 'no table to compare', {
        hint: advise`name one: ${retail('grade', '--transactions', 'out/**/*.parquet', '--until', '2024-04-01')}`,
      })
    const { renderGrade } = await import('./render/grade.ts')
    const { config } = await context.load(overrides, { named: namesWorld(overrides) })
    const { cwd } = context.io
    async function finish(result: GradeResult): Promise<void> {
      await writeReports(context, result, { junit, report })
      const isWrong = result.verdicts.some(({ outcome }) => outcome === 'fail')
      context.report(result, renderGrade, result.ok ? 0 : isWrong ? 6 : 5)
    }
    if (aggregate !== undefined) {
      if (typeof aggregate === 'string' && query !== undefined)
        throw new RetailError('bad_flag', '--aggregate names a table, and --query is another', {
          hint: 'omit the name, or --query',
        })
      const relation = await context.verbs.openRelation(aggregate === true ? sales! : aggregate, cwd, config)
      try {
        const asked = { relation, columns, where, from, until, workers }
        await finish(
          await context.verbs.gradeAggregate(config, {
            ...asked,
            signal: context.signal,
            onStep: (step) => context.ui.step(step),
          }),
        )
      } finally {
        await relation[Symbol.asyncDispose]()
      }
      return
    }
    const terms = await faultTermsOf(context, config, flags, ['--transactions', 'out', '--until', '2024-04-01'])
    const relations: Partial<Record<FactName, Relation>> = {}
    try {
      if (sales !== undefined) relations.transactions = await context.verbs.openRelation(sales, cwd, config)
      if (inventories !== undefined) relations.inventories = await context.verbs.openRelation(inventories, cwd, config)
      const result = await context.verbs.grade(config, {
        ...{ relations, columns, where, from, until, workers, ...terms },
        signal: context.signal,
        onStep: (step) => context.ui.step(step),
      })
      await finish(result)
    } finally {
      for (const relation of Object.values(relations)) await relation[Symbol.asyncDispose]()
    }
  })
}

async function writeReports(
  { io: { cwd }, spell, again }: Context,
  result: GradeResult,
  { junit, report }: Pick<GradeFlags, 'junit' | 'report'>,
): Promise<void> {
  if (junit === undefined && report === undefined) return
  const { writeReport } = await import('./write-report.ts')
  if (junit !== undefined) {
    const { junitOf } = await import('./render/junit.ts')
    writeReport(path.resolve(cwd, junit), junitOf(result), '--junit')
  }
  if (report !== undefined) {
    const { gradeReport } = await import('./render/grade-report.ts')
    const rerun = { command: spell(again), version: VERSION }
    writeReport(path.resolve(cwd, report), gradeReport(result, rerun), '--report')
  }
}
