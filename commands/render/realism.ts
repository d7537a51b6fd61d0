import type { RealismItem, RealismResult } from '../../src/pipeline/results.ts'
import { formatCount, formatDuration, next } from './format.ts'

const MARK = { pass: '✔', warn: '!', fail: '✘', 'not judged': '–' } as const

export function renderRealism({ items, sample, passed, judged, seconds }: RealismResult): string {
  const stores = sample.every === 1 ? 'all stores' : `one store in ${sample.every}`
  return [
    `${passed === judged ? '✔' : '!'} ${passed} of ${judged} judged items pass, ${items.length - judged} not judged · ${formatDuration(seconds)}`,
    `  ${formatCount(sample.lines)} lines of ${stores}, ${sample.from} … ${sample.to}`,
    '',
    ...items.map(entry),
    next(
      items.some(({ verdict }) => verdict === 'not judged')
        ? ['retail backfill --to 2025-12-31', 'two whole years can be judged in full']
        : ['retail verify', 'is every row right, too?'],
    ),
  ].join('\n')
}

function entry({ verdict, item, about, measures, source, why }: RealismItem): string {
  const number = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(3))
  const judged = [
    measures.map(({ value }) => (value === undefined ? 'none' : number(value))).join(' '),
    `target ${measures.map(({ low, high }) => (low === high ? low : `${low}..${high}`)).join(' ')}`,
  ]
  return [
    `  ${MARK[verdict]} ${String(item).padStart(2)}  ${about}`,
    `       ${[...(why ? [why] : judged), source].join(' · ')}`,
  ].join('\n')
}

export const renderRealismItem = ({ verdict, item, about, why }: RealismItem): string =>
  `${MARK[verdict]} ${item} ${about}${why ? ` (${why})` : ''}`
