import type { GradeDifference, GradedTable, GradeResult, GradeVerdict } from '../../src/pipeline/results.ts'
import { formatBytes, formatCount, formatDuration } from './format.ts'
import { type Pieces, type Table, table } from './layout.ts'

export const VERDICT_MARK: Record<GradeVerdict['outcome'], string> = {
  pass: '✔',
  fail: '✘',
  inconclusive: '?',
  'not asked': '–',
}

/** Differences that the terminal shows; --json has more. */
const SHOWN = 20

export function renderGrade(result: GradeResult): Pieces {
  const { verdicts, tables, from, until, seconds, peakRssBytes } = result
  const of = (outcome: GradeVerdict['outcome']) => verdicts.filter((verdict) => verdict.outcome === outcome).length
  const rows = tables.reduce((n, each) => n + each.found, 0)
  const head = result.ok
    ? `✔ Your data is right: ${formatCount(rows)} rows`
    : of('fail') > 0
      ? `✘ Your data is wrong: ${of('fail')} of ${verdicts.length - of('not asked')} verdicts fail`
      : '? Nothing wrong was found, but not everything could be decided'
  const differences = tables.flatMap((each) => each.differences)
  return [
    `${head} · ${from} … ${until}`,
    ...verdicts.map(({ name, outcome, sentence }) => `  ${VERDICT_MARK[outcome]} ${name}: ${sentence}`),
    '',
    ...tables.flatMap(describeTable),
    ...(differences.length > 0 ? ['', ...list(differences)] : []),
    `  ${formatDuration(seconds)} · peak memory ${formatBytes(peakRssBytes)}`,
  ]
}

function describeTable(of: GradedTable): string[] {
  const beside = of.beside > 0 ? `, ${formatCount(of.beside)} of them outside of the period` : ''
  const columns = of.columns.map(({ column, theirs, by }) =>
    column === theirs ? column : `${column} = ${theirs}${by === 'content' ? ' (by its content)' : ''}`,
  )
  return [
    `  ${of.table}: ${formatCount(of.found)} rows in ${of.from}${beside}, ${formatCount(of.expected)} expected`,
    `    columns: ${columns.join(', ')}`,
    ...(of.left.length > 0 ? [`    not compared: ${of.left.join(', ')}`] : []),
    ...(of.sample
      ? [
          `    a sample: ${formatCount(of.sample.storeDays)} of ${formatCount(of.sample.of)} store-days that differ, ${formatCount(of.sample.rows)} rows`,
        ]
      : []),
    ...of.causes.map((cause) => `    → ${cause}`),
  ]
}

function list(differences: readonly GradeDifference[]): (string | Table)[] {
  const shown = some(differences)
  const rows = shown.map((difference) => [
    difference.kind,
    difference.table,
    difference.id === null ? 'no id' : printable(difference.id),
    describeDifference(difference),
  ])
  const rest = differences.length - shown.length
  return [
    table([['KIND', 'TABLE', 'ROW', 'PROBLEM'], ...rows], { head: true }),
    ...(rest > 0 ? [`  … and ${formatCount(rest)} more; --json lists them`] : []),
  ]
}

/** A few of each kind. */
function some(differences: readonly GradeDifference[]): GradeDifference[] {
  const kinds = [...new Set(differences.map(({ kind }) => kind))]
  return kinds.flatMap((kind) =>
    differences.filter((difference) => difference.kind === kind).slice(0, Math.ceil(SHOWN / kinds.length)),
  )
}

/** Longer texts are cut. */
const SHOWN_TEXT = 60

/** A cell can hold anything, also what a terminal would take for a command. */
function printable(text: string): string {
  const safe = JSON.stringify(text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}…` : text)
  return /^[ -~\u00A0-\uFFFF]+$/.test(text) ? JSON.parse(safe) : safe.replace(/[\u007F-\u009F]/g, '\uFFFD')
}

export function describeDifference({ kind, time, copies, cells = [], why, fault }: GradeDifference): string {
  const changes = cells.map(
    ({ column, expected, found }) => `${column} ${expected} → ${found === null ? 'NULL' : printable(found)}`,
  )
  const text = {
    missing: `its event was at ${time}`,
    doubled: [`found ${copies} times`, ...changes].join('; '),
    changed: changes.join('; '),
    unexpected: why ?? 'nobody sent it',
  }[kind]
  return fault === undefined ? text : `${text} (${fault})`
}
