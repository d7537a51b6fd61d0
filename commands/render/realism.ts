import type { RealismItem, RealismResult } from '../../src/pipeline/results.ts'
import { formatCount, formatDuration } from './format.ts'

const MARK = { pass: '✔', warn: '!', fail: '✘', 'not judged': '–' } as const

export function renderRealism({ items, sample, passed, judged, seconds }: RealismResult): string {
  const stores = sample.every === 1 ? 'all stores' : `one store in ${sample.every}`
  return [
    `${passed === judged ? '✔' : items.some(({ verdict }) => verdict === 'fail') ? '✘' : '!'} ${passed} of ${judged} judged items pass, ${items.length - judged} not judged · ${formatDuration(seconds)}`,
    `  ${formatCount(sample.lines)} lines of ${stores}, ${sample.from} … ${sample.to}`,
    '',
    ...items.map(entry),
  ].join('\n')
}

/** The verdict in a word or two; the item's own sentence is too long for a table. */
const SAYS: Record<RealismItem['verdict'], string> = {
  pass: 'in range',
  warn: 'out of range',
  fail: 'wrong',
  'not judged': 'not judged',
}

function entry({ verdict, item, about, measures, source, why }: RealismItem): string {
  const number = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(3))
  const figures = measures.map(({ value }) => (value === undefined ? 'none' : number(value))).join(' ')
  const target = measures.map(({ low, high }) => (low === high ? low : `${low}..${high}`)).join(' ')
  const judged = why ? [`${SAYS[verdict]}: ${why}`] : [`${SAYS[verdict]}: ${figures}`, `target ${target}`]
  return [`  ${MARK[verdict]} ${String(item).padStart(2)}  ${about}`, `       ${[...judged, source].join(' · ')}`].join(
    '\n',
  )
}

export const renderRealismItem = ({ verdict, item, about, sentence }: RealismItem): string =>
  `${MARK[verdict]} ${item} ${about}: ${sentence}`
