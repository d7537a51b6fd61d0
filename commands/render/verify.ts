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

function renderBad({ checks, differences, raw }: VerifyResult): string {
  const failed = checks.filter(({ ok }) => !ok)
  const onTheWay = differences.every(({ check }) => check === 'delivery')
  const wrongMartsOnly = differences.every(({ table: name }) => !RAW_TABLES.includes(name))
  return [
    `✘ ${failed.length} of ${checks.length} checks found wrong data (raw to ${raw.live})`,
    ...failed.map(({ name, about }) => `  ${name}: ${about}`),
    '',
    differenceTable(differences),
    next(
      onTheWay
        ? ['retail verify', 'again, when they have arrived']
        : wrongMartsOnly
          ? ['retail transform --full-refresh', 'builds the marts again']
          : ['retail backfill', 'makes damaged parts again'],
    ),
  ].join('\n')
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
