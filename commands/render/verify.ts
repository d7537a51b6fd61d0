import type { VerifyCheck, VerifyDifference, VerifyResult } from '../../src/pipeline/results.ts'
import { sumOfFacts } from '../../src/tables/index.ts'
import { openLines } from './dead-letters.ts'
import { surplusLines } from './delivery.ts'
import { formatBytes, formatCount, formatDuration } from './format.ts'
import { type Pieces, type Table, table } from './layout.ts'

export function renderVerify(result: VerifyResult): Pieces {
  return result.ok ? renderGood(result) : renderBad(result)
}

const MARK: Record<VerifyCheck['outcome'], string> = { passed: '✔', failed: '✘', inconclusive: '–' }

export const renderCheck = ({ outcome, name, sentence, why, compared, seconds }: VerifyCheck): string =>
  `${MARK[outcome]} ${name}: ${sentence} (${why ?? `${formatCount(compared)} compared, ${formatDuration(seconds)}`})`

function renderGood({
  checks,
  rows,
  raw,
  marts,
  quick,
  seconds,
  billedBytes,
  unpublished,
  delivery,
  openLetters,
}: VerifyResult): Pieces {
  const all = formatCount(sumOfFacts(rows))
  return [
    `✔ Verified in ${formatDuration(seconds)}: ${checks.length} checks, ${all} rows${quick ? ', quick' : ''}`,
    `  raw to ${raw.live} · ${marts ? `marts to ${marts.live}` : 'no marts yet'}${billedBytes === undefined ? '' : ` · ${formatBytes(billedBytes)} billed`}`,
    ...(unpublished
      ? [`  the database is behind the lake, which goes to ${unpublished.live}: backfill publishes the rest`]
      : []),
    ...surplusLines(delivery),
    ...openLines(openLetters),
  ]
}

function renderBad({ checks, differences, raw, delivery, openLetters }: VerifyResult): Pieces {
  const of = (outcome: VerifyCheck['outcome']) => checks.filter((check) => check.outcome === outcome)
  const [failed, inconclusive] = [of('failed'), of('inconclusive')]
  const rest = inconclusive.length > 0 ? `, ${inconclusive.length} could not compare anything` : ''
  return [
    `✘ ${failed.length} of ${checks.length} checks found wrong data${rest} (raw to ${raw.live})`,
    ...failed.map(({ name, sentence }) => `  ${name}: ${sentence}`),
    ...inconclusive.map(({ name, sentence, why }) => `  ${name}: ${sentence}${why ? `: ${why}` : ''}`),
    ...surplusLines(delivery),
    ...openLines(openLetters),
    '',
    differenceTable(differences),
  ]
}

function differenceTable(differences: readonly VerifyDifference[]): Table {
  const rows = differences.map((d) => [d.kind, d.table, d.day ?? '', d.store ?? '', d.id ?? d.file ?? '', d.sentence])
  return table([['KIND', 'TABLE', 'DAY', 'STORE', 'ROW OR FILE', 'PROBLEM'], ...rows], { head: true })
}
