import type { VerifyCheck, VerifyDifference, VerifyResult } from '../../src/pipeline/results.ts'
import { formatBytes, formatCount, formatDuration, next, table } from './format.ts'

export function renderVerify(result: VerifyResult): string {
  return result.ok ? renderGood(result) : renderBad(result)
}

export const renderCheck = ({ ok, name, about, compared, seconds }: VerifyCheck): string =>
  `${ok ? '✔' : '✘'} ${name}: ${about} (${formatCount(compared)} compared, ${formatDuration(seconds)})`

function renderGood({ checks, rows, raw, marts, quick, seconds, billedBytes }: VerifyResult): string {
  const all = formatCount(rows.transactions + rows.inventories)
  return [
    `✔ Verified in ${formatDuration(seconds)}: ${checks.length} checks, ${all} rows${quick ? ', quick' : ''}`,
    `  raw to ${raw.live} · ${marts ? `marts to ${marts.live}` : 'no marts yet'}${billedBytes === undefined ? '' : ` · ${formatBytes(billedBytes)} billed`}`,
    next(marts ? ['retail stream', 'go on live'] : ['retail transform', 'staging and marts']),
  ].join('\n')
}

function renderBad({ checks, differences, raw, dataset }: VerifyResult): string {
  const failed = checks.filter(({ ok }) => !ok)
  return [
    `✘ ${failed.length} of ${checks.length} checks found wrong data (raw to ${raw.live})`,
    ...failed.map(({ name, about }) => `  ${name}: ${about}`),
    '',
    differenceTable(differences),
    next(...mending(differences, dataset)),
  ].join('\n')
}

function mending(differences: readonly VerifyDifference[], dataset: string | undefined): [string, string][] {
  if (differences.every(({ check }) => check === 'delivery'))
    return [['retail verify', 'again, when they have arrived']]
  const wrong = RAW_TABLES.filter((name) => differences.some(({ table }) => table === name))
  if (wrong.length === 0) return [['retail transform --full-refresh', 'builds the marts again']]
  if (dataset === undefined || differences.some(({ check }) => check === 'files'))
    return [['retail backfill', 'makes damaged parts again']]
  // The lake is sound, and what was loaded from it is not loaded twice.
  return [
    ...wrong.map((name): [string, string] => [
      `bq rm -t ${dataset.replace('.', ':')}.${name}`,
      'BigQuery differs from the lake',
    ]),
    ['retail infra apply', 'makes it again, empty'],
    [
      wrong.some((name) => name === 'product' || name === 'store')
        ? 'retail seed-dims && retail backfill'
        : 'retail backfill',
      'loads it from the lake',
    ],
    ['retail stream --speed max --resend-from …', 'live events, too: docs/gcp.md, "Wrong rows"'],
  ]
}

const RAW_TABLES = ['product', 'store', 'transactions', 'inventories']

function differenceTable(differences: readonly VerifyDifference[]): string {
  const rows = differences.map((d) => [d.kind, d.table, d.day ?? '', d.store ?? '', d.id ?? d.file ?? '', change(d)])
  return table([['WHAT', 'TABLE', 'DAY', 'STORE', 'ROW', 'EXPECTED → FOUND'], ...rows])
}

function change({ column, expected, found }: VerifyDifference): string {
  if (expected === undefined && found === undefined) return ''
  return `${column ? `${column} ` : ''}${expected ?? 'nothing'} → ${found ?? 'nothing'}`
}
