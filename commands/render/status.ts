import type { StatusResult, StatusStep } from '../../src/pipeline/results.ts'
import { openText } from './dead-letters.ts'
import { formatBytes, formatCount } from './format.ts'
import { type Pieces, table } from './layout.ts'

const SIGNS: Record<StatusStep['state'], string> = {
  none: '–',
  'not needed': '–',
  done: '✔ done',
  partial: '! partial',
  running: '● running',
  stale: '! stale',
  failed: '✘ failed',
}

/** Google keeps nothing for a subscription that does not exist (Pub/Sub, "Subscription overview"). */
const lostText = (names: readonly string[]): string =>
  `${names.join(' and ')}: deleted, and with it every event that it had not delivered`

export function renderStatus(status: StatusResult): Pieces {
  const { version, target, world, workspace, config, database, lake, damage = [], moved, steps, billedBytes } = status
  const { openLetters = [], lostSubscriptions: lost = [] } = status
  const open = openText(openLetters)
  return [
    `retail ${version} · target ${target} · world ${world} · ${config ?? 'set by environment variables'}`,
    table([
      ['workspace', workspace],
      ['database', renderDatabase(database)],
      ['lake', `${lake.location} (${formatBytes(lake.sizeBytes)}, ${formatCount(lake.files)} files)`],
      ...damage.map(({ file, why }) => ['damaged', `${file}: ${why}`]),
      ...(open ? [['dead letters', open]] : []),
      ...(lost.length > 0 ? [['lost', lostText(lost)]] : []),
      ...(moved ? [['moved', `the database still reads ${moved.from}`]] : []),
      ...(billedBytes === undefined
        ? []
        : [['billed', `${formatBytes(billedBytes)} by BigQuery for the last transform and verify`]]),
    ]),
    '',
    table(
      [
        ['STEP', 'STATE', 'ROWS', 'LAST RUN', 'DETAIL'],
        ...steps.map(({ step, state, rows, lastRun, detail }) => [
          step,
          SIGNS[state],
          rows === undefined ? '' : formatCount(rows),
          lastRun ? minuteOf(lastRun) : '',
          detail,
        ]),
      ],
      { head: true, right: [2] },
    ),
  ]
}

/** A service has no file: how much is in it, the steps say. */
const renderDatabase = ({ product, location, sizeBytes, service }: StatusResult['database']) =>
  service
    ? `${product} ${location}`
    : `${location} (${sizeBytes === undefined ? 'does not exist yet' : formatBytes(sizeBytes)})`

/** `2026-11-23 05:51 UTC` of an instant in ISO 8601 */
const minuteOf = (instant: string) => instant.replace(/^(\S{10})T(\d\d:\d\d).*$/, '$1 $2 UTC')
