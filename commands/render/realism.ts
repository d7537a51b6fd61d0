import type { RealismItem, RealismResult } from '../../src/pipeline/results.ts'
import { formatCount, formatDuration, next, table } from './format.ts'

const MARK = { pass: '✔', warn: '!', fail: '✘', 'not judged': '–' } as const

export function renderRealism({ items, sample, passed, judged, seconds }: RealismResult): string {
  const stores = sample.every === 1 ? 'all stores' : `one store in ${sample.every}`
  return [
    `${passed === judged ? '✔' : '!'} ${passed} of ${judged} judged items pass, ${items.length - judged} not judged · ${formatDuration(seconds)}`,
    `  ${formatCount(sample.lines)} lines of ${stores}, ${sample.from} … ${sample.to}`,
    '',
    table([['', 'ITEM', 'MEASURED', 'TARGET', 'SOURCE'], ...items.map(line)]),
    next(
      items.some(({ verdict }) => verdict === 'not judged')
        ? ['retail backfill --to 2025-12-31', 'two whole years can be judged in full']
        : ['retail verify', 'is every row right, too?'],
    ),
  ].join('\n')
}

function line({ verdict, item, about, measures, source, why }: RealismItem): string[] {
  const number = (value: number) =>
    Number.isInteger(value) ? String(value) : value.toFixed(3).replace(/^(-?)0\./, '$1.')
  const measured = why ?? measures.map(({ value }) => (value === undefined ? 'none' : number(value))).join(' ')
  const target = measures.map(({ low, high }) => (low === high ? String(low) : `${low}..${high}`)).join(' ')
  return [MARK[verdict], `${item} ${about}`, measured, target, source]
}

export const renderRealismItem = ({ verdict, item, about, why }: RealismItem): string =>
  `${MARK[verdict]} ${item} ${about}${why ? ` (${why})` : ''}`
