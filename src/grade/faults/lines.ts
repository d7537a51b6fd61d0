import { formatCount as count } from '../../numbers.ts'
import type { FactName } from '../../tables/index.ts'
import type { FaultLine, GradeDifference } from '../result.ts'
import { SHOWN } from '../verdict.ts'
import type { Attribution } from './attribution.ts'
import { EVENT_KINDS, Kind } from './expected.ts'
import type { LateCut } from './late-cut.ts'
import type { LettersFound } from './letters.ts'
import { between, roundIn, spoken } from './spoken.ts'
import { cutBetween, leastOf, mostOf, total } from './spread.ts'
import { correctionsIn, deletionsIn, type Versions } from './versions.ts'

/** Events of another drawn kind can have this reason, too. */
const some = (rows: number, n: number) => (rows <= n ? `${count(rows)} of ${count(n)}` : `${count(rows)} rows`)
export const DELAYED = ['late', 'silence', 'disorder'] as const

/** What became of the events of each kind. `isSample`: not every difference was looked at. */
export function faultLines(of: Attribution, differences: readonly GradeDifference[], isSample: boolean): FaultLine[] {
  const { profile } = of.of.terms
  let said = false
  return EVENT_KINDS.flatMap((kind): FaultLine[] => {
    if (kind !== 'clean' && profile[kind] === undefined) return []
    const code = Kind[kind]
    const onTheirWay = of.tally.onTheirWay[code]
    const sent = of.tally.sent[code]
    const line = { kind, sent, onTheirWay }
    if (sent === 0) return []
    const { wrong, sentence } = SENTENCES[kind]?.(of, sent - onTheirWay) ?? delayed(of, code, sent - onTheirWay, said)
    if (wrong > 0 && (DELAYED as readonly string[]).includes(kind)) said = true
    const isOpen = isSample || ((DELAYED as readonly string[]).includes(kind) && of.unexplainedMissing[code] > 0)
    const outcome = wrong > 0 ? 'fail' : isOpen ? 'inconclusive' : 'pass'
    const mine = (difference: GradeDifference) =>
      kind === 'clean' ? difference.fault === undefined : difference.fault?.startsWith(kind) === true
    return [{ ...line, outcome, wrong, sentence, differences: differences.filter(mine).slice(0, SHOWN) }]
  })
}

/** Says in the lines of a table where its damaged events are, when the dead letters are known. */
export function withLetters(
  lines: readonly FaultLine[],
  table: FactName,
  { gone, byNumber }: LettersFound,
): FaultLine[] {
  const missing = gone.filter((event) => event.table === table).length
  return lines.map((line) => {
    if (line.kind !== 'malformed') return line
    const all = byNumber ? 'as many dead letters are there' : 'dead letters, or read without a guess'
    if (missing === 0)
      return { ...line, sentence: line.wrong > 0 ? `${line.sentence}; the others are dead letters` : all }
    const sentence = `${line.sentence}, ${count(missing)} are neither rows nor dead letters`
    return { ...line, outcome: 'fail', wrong: line.wrong + missing, sentence }
  })
}

interface Said {
  wrong: number
  sentence: string
}

const SENTENCES: { [K in FaultLine['kind']]?: (of: Attribution, n: number) => Said } = {
  clean({ unexplained }) {
    const parts = Object.entries(unexplained).flatMap(([kind, n]) => (n > 0 ? [`${count(n)} ${kind}`] : []))
    const wrong = Object.values(unexplained).reduce((sum, n) => sum + n, 0)
    return { wrong, sentence: wrong > 0 ? `no fault explains ${parts.join(', ')}` : 'no other difference' }
  },
  lost({ lostRows: wrong }) {
    return { wrong, sentence: wrong > 0 ? `${count(wrong)} are there, although nobody received them` : 'absent' }
  },
  malformed({ explained, forms, damaged, further }) {
    const { dirty: wrong } = explained[Kind.malformed]
    const by = [...forms].toSorted(([, a], [, b]) => b - a).map(([form, n]) => `${count(n)} ${form}`)
    const n = count(damaged.length + further)
    return {
      wrong,
      sentence: wrong > 0 ? `${count(wrong)} of ${n} became rows: ${by.join(', ')}` : 'none became a row',
    }
  },
  changed({ explained, of: { terms } }) {
    const { doubled, changed } = explained[Kind.changed]
    const [right, other] = terms.lastWins ? ['last', 'first'] : ['first', 'last']
    const parts = [
      ...(doubled > 0 ? [`${count(doubled)} kept twice, with both values`] : []),
      ...(changed > 0 ? [`${count(changed)} have the values of the ${other} copy`] : []),
    ]
    return { wrong: doubled + changed, sentence: parts.join(', ') || `the ${right} copy is kept` }
  },
  duplicate(of, n) {
    const { repeated } = of.values
    if (repeated === 0) return { wrong: 0, sentence: 'one row of each' }
    return { wrong: repeated, sentence: `${count(repeated)} of ${count(n)} kept twice or more${windowOf(of)}` }
  },
  corrected: ({ values: { versions } }) =>
    changes(correctionsIn(versions), versions, ['unapplied', 'overwritten', 'both'], 'the newest version is kept'),
  deleted: ({ values: { versions } }) => changes(deletionsIn(versions), versions, ['still', 'back'], 'absent'),
  skew({ explained, ahead, of: { terms } }, n) {
    const { missing, changed } = explained[Kind.skew]
    const cut = ahead ? `, with times ${spoken(ahead.to)} or more ahead` : ', behind a clock that was ahead'
    const parts = [
      ...(missing > 0 ? [`${count(missing)} rows dropped${cut}`] : []),
      ...(changed > 0
        ? [
            `${count(changed)} of ${count(n)} have ${terms.trueTimes ? 'the time of the wrong clock' : 'another time than their event: the true one'}`,
          ]
        : []),
    ]
    const right = terms.trueTimes ? 'each has its true time' : 'each has the time in its event'
    return { wrong: missing + changed, sentence: parts.join(', ') || right }
  },
  drift({ explained, values: { names }, tally }, n) {
    const { missing, changed } = explained[Kind.drift]
    const renamed = names.sentences(tally.renamed)
    const parts = [
      ...(missing > 0 ? [`${some(missing, n)} dropped`] : []),
      ...renamed,
      ...(changed > 0 && renamed.length === 0 ? [`${count(changed)} misread`] : []),
    ]
    return { wrong: missing + changed, sentence: parts.join(', ') || 'read in both forms' }
  },
}

function changes(parts: string[], versions: Versions, which: readonly (keyof Versions)[], right: string): Said {
  return { wrong: which.reduce((n, each) => n + versions[each], 0), sentence: parts.join(', ') || right }
}

/** Late events, those that waited for the end of a silence, and those that others overtook. */
function delayed(of: Attribution, kind: number, n: number, said: boolean): Said {
  const { missing } = of.explained[kind]
  const other = of.unexplainedMissing[kind]
  if (missing > 0) {
    const cut = said ? ', the same cut' : of.late ? `, ${lateText(of.late)}` : ''
    return { wrong: missing, sentence: `${some(missing, n)} dropped${cut}` }
  }
  if (other === 0) return { wrong: 0, sentence: `kept${of.tally.excused > 0 ? ', or later than --lateness' : ''}` }
  return { wrong: 0, sentence: `${some(other, n)} are missing, but nothing shows that they were too late` }
}

/** Where rows stop being kept, and what length somebody probably chose. */
export function lateText(late: LateCut): string {
  if (late.isMark) return 'each older than the newest row that had arrived: a high-water mark'
  const least = Math.max(0, late.from)
  const length = spoken(roundIn(least, late.to))
  const perhaps = late.above < 3 ? 'perhaps ' : ''
  const soft =
    late.crossed > 0 ? `; but ${count(late.crossed)} later ${late.crossed === 1 ? 'row is' : 'rows are'} there` : ''
  const newest = late.by === 'lag' ? ' behind the newest time' : ''
  if (least === 0) return `${perhaps}all that are ${spoken(late.to)} late or more${soft}`
  return `cut ${between(least, late.to)}${newest}: ${perhaps}a watermark of ${length}${soft}`
}

/** What the distances of repeats that were removed and that were kept say. */
function windowOf(of: Attribution): string {
  const { near, far } = of.removed()
  const kept = of.tally.gaps
  if (total(kept) === 0) return ''
  const isFar = total(far) > 0
  if (total(near) === 0)
    return isFar
      ? `; removed only those ${spoken(leastOf(far))} or more apart: by lateness, not by deduplication`
      : '; none was removed'
  const window = cutBetween(near, kept)
  const beyond = isFar ? '; later ones are removed by lateness' : ''
  if (window && window.from >= 0) {
    const length = spoken(roundIn(window.from, window.to))
    return `; removed up to ${spoken(window.from)} apart, kept from ${spoken(window.to)}: a deduplication window of about ${length}${beyond}`
  }
  return `; removed ${between(leastOf(near), mostOf(near))} apart, kept ${between(leastOf(kept), mostOf(kept))} apart${beyond}`
}
