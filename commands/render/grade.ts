import type {
  FaultLine,
  GradeDifference,
  GradedTable,
  GradeFaults,
  GradeResult,
  GradeVerdict,
} from '../../src/pipeline/results.ts'
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
  const { verdicts, tables, from, until, seconds, peakRssBytes, faults } = result
  const { outcome, sentence } = headOf(result)
  const differences = tables.flatMap((each) => each.differences)
  return [
    `${VERDICT_MARK[outcome]} ${sentence} · ${from} … ${until}`,
    ...verdicts.map((verdict) => `  ${verdictLine(verdict)}`),
    '',
    ...(faults ? [`  faults ${faultTerms(faults)}`] : []),
    ...tables.flatMap(describeTable),
    ...(differences.length > 0 ? ['', ...list(differences, faults !== undefined)] : []),
    `  ${formatDuration(seconds)} · peak memory ${formatBytes(peakRssBytes)}`,
  ]
}

/** The result in one sentence. */
export function headOf({ ok, verdicts, tables }: GradeResult): Pick<GradeVerdict, 'outcome' | 'sentence'> {
  const of = (outcome: GradeVerdict['outcome']) => verdicts.filter((verdict) => verdict.outcome === outcome).length
  const rows = tables.reduce((n, each) => n + each.found, 0)
  if (ok)
    return {
      outcome: 'pass',
      sentence: `Your data is right: ${formatCount(rows)} ${rowsOf(
        rows,
        tables.some(({ groups }) => groups),
      )}`,
    }
  if (of('fail') > 0) {
    const asked = verdicts.length - of('not asked')
    return { outcome: 'fail', sentence: `Your data is wrong: ${of('fail')} of ${asked} verdicts fail` }
  }
  return { outcome: 'inconclusive', sentence: 'Nothing wrong was found, but not everything could be decided' }
}

/** `✘ complete: 5 rows missing` */
export const verdictLine = ({ name, outcome, sentence }: Pick<GradeVerdict, 'name' | 'outcome' | 'sentence'>): string =>
  `${VERDICT_MARK[outcome]} ${name}: ${sentence}`

/** `a81aa9282313d377: delivered until 2024-02-04T00:00:00Z` */
export function faultTerms({
  profile,
  delivered,
  guessed,
  record,
  lateness,
  settle,
  lastWins,
  trueTimes,
  deadLetters,
}: GradeFaults): string {
  const by = record === undefined ? '' : `, as ${record} records`
  const parts = [
    delivered === undefined
      ? `every copy was delivered${guessed ? ' (a guess: --delivered says until when)' : ''}${by}`
      : `delivered until ${delivered}${by}`,
    ...(settle > 0 ? [`the last ${settle} s are open`] : []),
    ...(lateness === undefined ? [] : [`rows may be dropped that are more than ${lateness} s late`]),
    ...(lastWins ? ['the last copy is right'] : []),
    ...(trueTimes ? ['true times are right'] : []),
    ...(deadLetters
      ? [`${formatCount(deadLetters.letters)} dead letters, ${formatCount(deadLetters.damaged)} of them damaged events`]
      : []),
  ]
  return `${profile}: ${parts.join(', ')}`
}

function faultTable(lines: readonly FaultLine[]): Table {
  const rows = lines.map((line) => [`${VERDICT_MARK[line.outcome]} ${line.kind}`, formatCount(line.sent), became(line)])
  return table([['EVENTS', 'SENT', 'RESULT'], ...rows], { head: true })
}

/** What became of events of a kind. */
export const became = ({ sentence, onTheirWay }: FaultLine): string =>
  onTheirWay > 0 ? `${sentence}; ${formatCount(onTheirWay)} on their way` : sentence

const rowsOf = (n: number, groups = false): string => `${groups ? 'group' : 'row'}${n === 1 ? '' : 's'}`

/** Rows of a table, and how its columns were read. */
export function tableLines(of: GradedTable): string[] {
  const what = of.faults ? 'that need not be there' : 'of them outside of the period'
  const rows = rowsOf(of.found, of.groups)
  const beside = of.beside > 0 ? `, ${formatCount(of.beside)} ${what}` : ''
  const columns = of.columns.map(({ column, theirs, by }) =>
    column === theirs ? column : `${column} = ${theirs}${by === 'content' ? ' (by its content)' : ''}`,
  )
  return [
    `${formatCount(of.found)} ${rows} in ${of.from}${beside}, ${formatCount(of.expected)} expected`,
    `columns: ${columns.join(', ')}`,
    ...(of.left.length > 0 ? [`not compared: ${of.left.join(', ')}`] : []),
    ...(of.sample
      ? [
          `a sample: ${formatCount(of.sample.storeDays)} of ${formatCount(of.sample.of)} store-days that differ, ${formatCount(of.sample.rows)} rows`,
        ]
      : []),
  ]
}

function describeTable(of: GradedTable): (string | Table)[] {
  const [first, ...more] = tableLines(of)
  return [
    `  ${of.table}: ${first}`,
    ...more.map((line) => `    ${line}`),
    ...of.causes.map((cause) => `    → ${cause}`),
    ...(of.faults ? ['', faultTable(of.faults)] : []),
  ]
}

function list(differences: readonly GradeDifference[], named: boolean): (string | Table)[] {
  const shown = some(differences)
  const rows = shown.map((difference) => [
    difference.kind,
    difference.table,
    rowName(difference),
    problemOf(difference, named),
  ])
  const rest = differences.length - shown.length
  return [
    table([['KIND', 'TABLE', 'ROW', 'PROBLEM'], ...rows], { head: true }),
    ...(rest > 0 ? [`  … and ${formatCount(rest)} more; --json lists them`] : []),
  ]
}

export const rowName = ({ id }: GradeDifference): string => (id === null ? 'no id' : printable(id))

/** `named`: the faults that were sent are known. */
export const problemOf = (difference: GradeDifference, named: boolean): string =>
  describeDifference(difference) + (named && difference.fault === undefined ? ' (no fault explains it)' : '')

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
    missing: time === undefined ? (why ?? 'it is not there') : `its event was at ${time}`,
    doubled: [`found ${copies} times`, ...changes].join('; '),
    changed: changes.join('; '),
    unexpected: why ?? 'nobody sent it',
    dirty: [why, ...changes].filter(Boolean).join('; '),
  }[kind]
  return fault === undefined ? text : `${text} (${fault})`
}
