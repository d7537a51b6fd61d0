import { memberId } from '../encode/facts.ts'
import { formatCount } from '../numbers.ts'
import type { World } from '../world/world.ts'
import type { Examined } from './differences.ts'
import { Kind } from './faults/expected.ts'
import type { LettersFound } from './faults/letters.ts'
import { byFault, type FaultyTable, lateKept, quarantined, unknownOf } from './faults/verdicts.ts'
import { changesApplied } from './faults/versions.ts'
import { holdsMovements } from './ledger.ts'
import type { DifferenceKind, GradeDifference, GradedTable, GradeVerdict } from './result.ts'
import { notAsked, verdict } from './verdict.ts'

/** A graded table with what only its verdicts need. */
export interface Graded {
  table: GradedTable
  examined: Examined
  /** With the faults that were sent. */
  faulty?: FaultyTable
}

const FAULTS_UNKNOWN = 'it needs the faults that were sent: --faults'

/** The lines of a result, in the order in which a row travels. */
export function verdictsOf(world: World, graded: readonly Graded[], letters?: LettersFound): GradeVerdict[] {
  const faulty = graded.flatMap(({ faulty }) => faulty ?? [])
  const why = (kind: 'missing' | 'doubled') => (faulty.length > 0 ? `: ${byFault(faulty, kind)}` : '')
  // What nothing was compared with is neither right nor wrong.
  const found = (line: GradeVerdict): GradeVerdict =>
    line.outcome === 'pass' && graded.every(({ table }) => table.found === 0)
      ? notAsked(line.name, 'there are no rows')
      : line
  return [
    complete(
      graded,
      count('complete', graded, ['missing'], (n) => `${rows(n)} missing${why('missing')}`, 'every row is there'),
      faulty,
    ),
    found(
      count(
        'no duplicates',
        graded,
        ['doubled'],
        (n) => `${rows(n)} too many${why('doubled')}`,
        'no row is there twice',
      ),
    ),
    faulty.length > 0 ? found(lateKept(faulty)) : notAsked('late data kept', FAULTS_UNKNOWN),
    faulty.length > 0 ? quarantined(faulty, letters) : notAsked('bad data quarantined', FAULTS_UNKNOWN),
    ...[changesApplied(faulty) ?? []].flat().map(found),
    found(unchanged(graded, faulty)),
    found(keysKnown(graded)),
    found(ledger(world, graded)),
  ]
}

/** A row that was sent just before the end may still arrive, and a period without rows proves nothing. */
function complete(graded: readonly Graded[], rowsThere: GradeVerdict, faulty: readonly FaultyTable[]): GradeVerdict {
  const quiet = graded.filter(({ table }) => table.expected === 0).map(({ table }) => table.table)
  if (rowsThere.outcome === 'pass' && quiet.length > 0)
    return { ...rowsThere, outcome: 'inconclusive', sentence: `the period has no row of ${quiet.join(' or ')}` }
  const unknown = unknownOf(faulty)
  if (rowsThere.outcome !== 'pass' || unknown === 0) return rowsThere
  const [{ attribution }] = faulty
  const sentence = `${rows(unknown)} sent within the last ${attribution.of.terms.settle} s are not there yet`
  return { ...rowsThere, outcome: 'inconclusive', sentence }
}

const rows = (n: number) => `${formatCount(n)} ${n === 1 ? 'row' : 'rows'}`

const kindsOf = (graded: readonly Graded[], kinds: readonly DifferenceKind[]): GradeDifference[] =>
  graded.flatMap(({ table }) => table.differences.filter(({ kind }) => kinds.includes(kind)))

/** A verdict over counts. A sample without such a difference decides nothing. */
function count(
  name: string,
  graded: readonly Graded[],
  kinds: readonly DifferenceKind[],
  say: (n: number) => string,
  good: string,
): GradeVerdict {
  const n = graded.reduce((sum, { table }) => sum + kinds.reduce((of, kind) => of + table.counts[kind], 0), 0)
  if (n > 0) {
    const some = graded.some(({ table }) => table.sample) ? 'at least ' : ''
    return verdict(name, 'fail', some + say(n), kindsOf(graded, kinds))
  }
  return nothingFound(name, graded, good)
}

/** A sample without differences proves nothing about the rest. */
function nothingFound(name: string, graded: readonly Graded[], good: string): GradeVerdict {
  return graded.some(({ table }) => table.sample)
    ? verdict(name, 'inconclusive', 'the sample has none; the rest was not looked at')
    : verdict(name, 'pass', good)
}

function unchanged(graded: readonly Graded[], faulty: readonly FaultyTable[]): GradeVerdict {
  const why = () => (faulty.length > 0 ? ` (${byFault(faulty, 'changed')})` : '')
  const of = (kind: DifferenceKind) => graded.reduce((sum, { table }) => sum + table.counts[kind], 0)
  const unreadable = graded.reduce((sum, { table }) => sum + table.unreadable, 0)
  const left = graded.flatMap(({ table }) => table.left)
  const deleted = faulty.reduce((sum, { attribution }) => sum + attribution.explained[Kind.deleted].unexpected, 0)
  const say = () =>
    [
      of('changed') > 0 && `${rows(of('changed'))} changed${why()}`,
      deleted > 0 && `${rows(deleted)} of deleted events`,
      of('unexpected') > deleted && `${rows(of('unexpected') - deleted)} that nobody sent`,
    ]
      .filter(Boolean)
      .join(', ')
  const cells = count(
    'values unchanged',
    graded,
    ['changed', 'unexpected'],
    say,
    `every cell is right${left.length > 0 ? `; not compared: ${left.join(', ')}` : ''}`,
  )
  if (cells.outcome === 'inconclusive' && of('missing') + of('doubled') + of('dirty') === 0)
    return { ...cells, outcome: 'fail', sentence: 'some rows differ, but the sample shows none of them' }
  if (unreadable === 0) return cells
  const lines = `${formatCount(unreadable)} unreadable ${unreadable === 1 ? 'line' : 'lines'}`
  return cells.outcome === 'fail'
    ? { ...cells, sentence: `${cells.sentence}, ${lines}` }
    : { ...cells, outcome: 'fail', sentence: lines }
}

function keysKnown(graded: readonly Graded[]): GradeVerdict {
  const name = 'keys known'
  const n = graded.reduce((sum, { examined }) => sum + examined.unknownKeyRows, 0)
  const compared = graded.some(({ table }) => table.columns.some(({ column }) => /^(product|store)_id$/.test(column)))
  if (!compared) return notAsked(name, 'no column with keys is compared')
  if (n > 0) {
    const differences = graded.flatMap(({ examined }) => examined.unknownKeys)
    return verdict(name, 'fail', `${rows(n)} with a product or store that this world lacks`, differences)
  }
  return nothingFound(name, graded, 'every product and store exists')
}

function ledger(world: World, graded: readonly Graded[]): GradeVerdict {
  const name = 'ledger closes'
  const movements = graded.find(({ table }) => holdsMovements(table.table))
  if (!movements) return notAsked(name, 'it needs --inventories')
  const { table, examined } = movements
  const { counts } = table
  const isRight = Object.values(counts).every((n) => n === 0) && table.unreadable === 0 && table.left.length === 0
  if (isRight && !table.sample) return verdict(name, 'pass', CLOSES)
  if (table.sample || !examined.ledger?.counts) return verdict(name, 'inconclusive', 'not every movement was looked at')
  const open = examined.ledger.open()
  if (open.length === 0) return verdict(name, 'pass', CLOSES)
  const [{ store, product, by }] = open
  const first = `${memberId('product', world, product - 1)} in ${memberId('store', world, store - 1)} by ${by}`
  const items = `${formatCount(open.length)} ${open.length === 1 ? 'item is' : 'items are'}`
  return verdict(name, 'fail', `the stock of ${items} off, such as ${first}`)
}

const CLOSES = 'opening stock and movements add up'
