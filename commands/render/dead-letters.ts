import type {
  DropLettersResult,
  ExportLettersResult,
  ListLettersResult,
  ReplayLettersResult,
  ShowLettersResult,
} from '../../src/pipeline/results.ts'
import type { LetterCount } from '../../src/ports/index.ts'
import { facts, sumOfFacts } from '../../src/tables/index.ts'
import { formatCount } from './format.ts'
import { type Pieces, table } from './layout.ts'

/** `1 dead letter`, `12 dead letters` */
export const letterCount = (n: number): string => `${formatCount(n)} dead ${n === 1 ? 'letter' : 'letters'}`

/** What a command moved into the table before it did its own work. */
export const collectedLines = (collected: number): string[] =>
  collected > 0 ? [`  ${letterCount(collected)} moved here from the dead-letter topic`] : []

/** `3 dead letters are open, the first since 2024-04-01 12:00 UTC: 2 of transactions, 1 of no table` */
export function openText(counts: readonly LetterCount[]): string | undefined {
  const open = counts.filter(({ state }) => state === 'open')
  const all = sum(open)
  if (all === 0) return undefined
  const [since] = open.map((count) => count.since).sort()
  const of = open.map(({ table: name, letters }) => `${formatCount(letters)} of ${name ?? 'no table'}`).join(', ')
  return `${letterCount(all)} ${all === 1 ? 'is' : 'are'} open, the first since ${minuteOf(since)}: ${of}`
}

const sum = (counts: readonly LetterCount[]): number => counts.reduce((n, { letters }) => n + letters, 0)

/** The note of a command that only counts them. */
export const openLines = (open: number | undefined): string[] =>
  open
    ? [
        `  ! ${letterCount(open)} ${open === 1 ? 'is' : 'are'} open: messages that were rejected, and that nobody has dealt with`,
      ]
    : []

export function renderLetters({ location, collected, counts, letters, more }: ListLettersResult): Pieces {
  const dealt = (['replayed', 'dropped'] as const).flatMap((state) => {
    const n = sum(counts.filter((count) => count.state === state))
    return n > 0 ? [`${formatCount(n)} ${state}`] : []
  })
  const open = openText(counts)
  return [
    open ? `! ${open}` : `✔ No dead letter is open in ${location}`,
    ...(dealt.length > 0 ? [`  ${dealt.join(', ')}`] : []),
    ...collectedLines(collected),
    ...(letters.length === 0
      ? []
      : [
          '',
          table(
            [
              ['ID', 'TABLE', 'RECEIVED', 'STATE', 'EVENT', 'REASON'],
              ...letters.map(({ id, table: name, receivedAt, state, event, reason }) => [
                id,
                name ?? '',
                minuteOf(receivedAt),
                state,
                event?.id ?? '',
                printable(reason),
              ]),
            ],
            { head: true },
          ),
        ]),
    ...(more ? ['  and more: --limit shows them, and export writes all'] : []),
  ]
}

export function renderWholeLetters({ collected, letters }: ShowLettersResult): Pieces {
  return [
    ...letters.flatMap(
      ({ id, subscription, table: name, receivedAt, reason, event, state, marked, attributes, body }) => [
        `Dead letter ${id}`,
        table([
          [
            'state',
            marked
              ? printable(`${state} by ${marked.by} at ${marked.at}${marked.note ? `: ${marked.note}` : ''}`)
              : state,
          ],
          ['reason', printable(reason)],
          ['table', name ?? 'unknown'],
          ...(event ? [['event', `${event.id} of ${event.at}`]] : []),
          ['received', `${receivedAt} from ${subscription}`],
          ...Object.entries(attributes).map(([key, value]) => [`attribute ${printable(key)}`, printable(value)]),
          'text' in body ? ['body', printable(body.text)] : ['body in base64', body.base64],
        ]),
      ],
    ),
    ...collectedLines(collected),
  ]
}

export function renderReplayed({ dryRun, replayed, invalid, whyInvalid, collected }: ReplayLettersResult): Pieces {
  const all = sumOfFacts(replayed)
  const of = facts
    .filter(({ name }) => replayed[name] > 0)
    .map(({ name }) => `${formatCount(replayed[name])} of ${name}`)
  const detail = of.length > 0 ? `: ${of.join(', ')}` : ''
  const none = invalid > 0 ? 'No dead letter is a valid event' : 'No dead letter is open'
  return [
    all === 0
      ? `${invalid > 0 ? '!' : '✔'} ${none}`
      : dryRun
        ? `Would publish the events of ${letterCount(all)} again${detail}`
        : `✔ Published the events of ${letterCount(all)} again, and marked them${detail}`,
    ...(invalid > 0
      ? [
          `  ! ${letterCount(invalid)} would be rejected again, and ${invalid === 1 ? 'stays' : 'stay'} open`,
          ...whyInvalid.slice(0, NAMED).map(({ id, why }) => `    ${id}: ${printable(why)}`),
          ...(invalid > NAMED ? [`    and ${formatCount(invalid - NAMED)} more`] : []),
        ]
      : []),
    ...collectedLines(collected),
  ]
}

/** The number of letters listed by name; `--json` lists more. */
const NAMED = 5

export const renderDropped = ({ dryRun, dropped, reason, collected }: DropLettersResult): Pieces => [
  dropped === 0
    ? '✔ No dead letter is open'
    : dryRun
      ? `Would drop ${letterCount(dropped)}: ${reason}`
      : `✔ Dropped ${letterCount(dropped)}: ${reason}`,
  ...collectedLines(collected),
]

export const renderExported = ({ letters, file }: ExportLettersResult): string =>
  `✔ ${letterCount(letters)} written${file ? ` to ${file}` : ''}`

/** `2026-11-23 05:51 UTC` of an instant in ISO 8601 */
const minuteOf = (instant: string) => instant.replace(/^(\S{10})T(\d\d:\d\d).*$/, '$1 $2 UTC')

/** Anybody may have written a message, and a terminal obeys control characters. */
const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (mark) => `\\u${mark.codePointAt(0)!.toString(16).padStart(4, '0')}`)
