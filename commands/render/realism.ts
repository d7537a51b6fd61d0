import type { RealismItem, RealismResult } from '../../src/pipeline/results.ts'
import { formatCount, formatDuration } from './format.ts'

const MARK = { pass: '✔', warn: '!', fail: '✘', 'not judged': '–' } as const

export function renderRealism({ items, sample, passed, judged, seconds }: RealismResult): string {
  const stores = sample.every === 1 ? 'all stores' : `one store in ${sample.every}`
  const sections = [...new Set(items.map(({ section }) => section))]
  return [
    `${passed === judged ? '✔' : items.some(({ verdict }) => verdict === 'fail') ? '✘' : '!'} ${passed} of ${judged} judged items pass, ${items.length - judged} not judged · ${formatDuration(seconds)}`,
    `  ${formatCount(sample.lines)} lines of ${stores}, ${sample.from} … ${sample.to}`,
    ...sections.flatMap((section) => [
      '',
      section,
      ...items.filter((item) => item.section === section).map(renderEntry),
    ]),
  ].join('\n')
}

/** The verdict in a word or two; the item's own sentence is too long for a table. */
const SAYS: Record<RealismItem['verdict'], string> = {
  pass: 'in range',
  warn: 'out of range',
  fail: 'wrong',
  'not judged': 'not judged',
}

/** What the range is worth. */
const RANGE: Record<RealismItem['sure'], string> = {
  published: 'published',
  measured: 'measured',
  recalled: 'from memory',
  opinion: 'our opinion',
  arithmetic: 'always',
}

function renderEntry({ verdict, id, about, measures, source, sure, why }: RealismItem): string {
  const number = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(3))
  const figures = measures.map(({ value }) => (value === undefined ? 'none' : number(value))).join(' ')
  const ranges = measures.map(({ range }) => range).join(', ')
  const judged = why ? [`${SAYS[verdict]}: ${why}`] : [`${SAYS[verdict]}: ${figures}`, `range ${ranges}`]
  const worth = source === sure ? [RANGE[sure]] : [RANGE[sure], source]
  return [
    `  ${MARK[verdict]} ${String(id).padStart(3)}  ${about}`,
    `         ${judged.join(' · ')}`,
    `         ${worth.join(': ')}`,
  ].join('\n')
}

export const renderRealismItem = ({ verdict, id, about, sentence }: RealismItem): string =>
  `${MARK[verdict]} ${id} ${about}: ${sentence}`
