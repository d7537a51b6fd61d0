import { READABLE } from '../../faults/index.ts'
import { formatCount as n } from '../../numbers.ts'
import type { FaultLine, GradeDifference, GradeVerdict } from '../result.ts'
import { notAsked, verdict } from '../verdict.ts'
import type { Attribution } from './attribution.ts'
import { EVENT_KINDS, Kind } from './expected.ts'
import type { LettersFound } from './letters.ts'
import { DELAYED, lateText } from './lines.ts'
import { spoken } from './spoken.ts'

/** A graded table whose faults are known. */
export interface FaultyTable {
  attribution: Attribution
  lines: readonly FaultLine[]
  isSample: boolean
  differences: readonly GradeDifference[]
}

/** `34 late, 5 silence, 2 that no fault explains`. What a stream sent again when it was restarted is no fault. */
export function byFault(sides: readonly FaultyTable[], kind: 'missing' | 'doubled' | 'changed'): string {
  const by = EVENT_KINDS.map((name, code) => {
    const rows = sides.reduce((sum, { attribution }) => sum + attribution.explained[code][kind], 0)
    return [name, rows] as const
  })
  const rest = sides.reduce((sum, { attribution }) => sum + attribution.unexplained[kind], 0)
  const parts = by.flatMap(([name, rows]) => (rows > 0 ? [`${n(rows)} ${name}`] : []))
  const again = kind === 'doubled' ? sides.reduce((sum, { attribution }) => sum + attribution.restarted, 0) : 0
  if (again > 0) parts.push(`${n(again)} repeats of a restart`)
  return [...parts, ...(rest > 0 ? [`${n(rest)} that no fault explains`] : [])].join(', ')
}

/** Rows of which nobody knows whether they had time to arrive. */
export const unknownOf = (sides: readonly FaultyTable[]): number =>
  sides.reduce((sum, { attribution }) => sum + attribution.tally.unknown, 0)

export function lateKept(sides: readonly FaultyTable[]): GradeVerdict {
  const name = 'late data kept'
  const lines = sides.flatMap((side) => side.lines.filter(({ kind }) => (DELAYED as readonly string[]).includes(kind)))
  if (lines.length === 0) return notAsked(name, 'no event is late with these faults')
  const wrong = lines.reduce((sum, line) => sum + line.wrong, 0)
  const sent = lines.reduce((sum, line) => sum + line.sent - line.onTheirWay, 0)
  if (wrong > 0) {
    const cuts = new Set(sides.flatMap(({ attribution: { late } }) => (late ? [lateText(late)] : [])))
    const sentence = `${n(wrong)} of ${n(sent)} dropped, ${[...cuts].join('; ')}`
    return verdict(
      name,
      'fail',
      sentence,
      lines.flatMap(({ differences }) => differences),
    )
  }
  if (sides.some(({ isSample }) => isSample)) return verdict(name, 'inconclusive', 'a sample has no other')
  const [{ attribution }] = sides
  const others = sides.reduce(
    (sum, side) => sum + DELAYED.reduce((of, kind) => of + side.attribution.unexplainedMissing[Kind[kind]], 0),
    0,
  )
  if (others > 0)
    return verdict(
      name,
      'inconclusive',
      `${n(others)} that came late are missing, but nothing shows that they were too late`,
    )
  const { lateness } = attribution.of.terms
  const excused = sides.reduce((sum, side) => sum + side.attribution.tally.excused, 0)
  return lateness !== undefined && excused > 0
    ? verdict(
        name,
        'pass',
        `every row that is at most ${spoken(lateness)} late is there; ${n(excused)} later ones are not`,
      )
    : verdict(name, 'pass', `${n(sent)} that came late are there`)
}

export function quarantined(sides: readonly FaultyTable[], letters: LettersFound | undefined): GradeVerdict {
  const name = 'bad data quarantined'
  const events = sides.reduce((sum, { attribution }) => sum + attribution.damaged.length + attribution.further, 0)
  if (events === 0) return notAsked(name, 'no damaged event was sent')
  const dirty = sides.reduce((sum, { attribution }) => sum + attribution.explained[Kind.malformed].dirty, 0)
  const gone = letters ? letters.gone.length + letters.goneMore : 0
  const parts = [
    ...(dirty > 0 ? [`${n(dirty)} of ${n(events)} damaged events became rows`] : []),
    ...(gone > 0 ? [`${n(gone)} of ${n(events)} are neither rows nor dead letters${formsOf(letters!)}`] : []),
  ]
  if (parts.length > 0) {
    const differences = sides.flatMap(({ differences }) => differences.filter(({ kind }) => kind === 'dirty'))
    return verdict(name, 'fail', parts.join(', '), differences)
  }
  if (sides.some(({ isSample }) => isSample)) return verdict(name, 'inconclusive', 'the sample has no damaged row')
  if (!letters)
    return notAsked(name, `none of ${n(events)} damaged events became a row; --dead-letters says where they are`)
  const how = letters.byNumber ? ', by their number: their content is none that was sent' : ''
  const readable = sides.some(({ attribution }) => attribution.damaged.some(({ form }) => READABLE.includes(form)))
  const rows = readable ? ', or read without a guess' : ''
  return verdict(name, 'pass', `${n(events)} damaged events are dead letters${rows}${how}`)
}

function formsOf({ gone }: LettersFound): string {
  const forms = [...new Set(gone.map(({ form }) => form))].sort()
  return forms.length > 0 ? ` (${forms.join(', ')}), such as ${gone[0].id}` : ''
}
