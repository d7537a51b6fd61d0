import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadProfile } from '../src/config/faults.ts'
import type { Relation } from '../src/ports/index.ts'
import { freshFolder, retail } from '../test/front-door.ts'
import { faultyGrade, gradeResult, wrongGrade } from '../test/results.ts'
import type { Verbs } from './verbs.ts'

const line = 'grade --transactions sales.csv --until 2024-04-01'
const closed: string[] = []
const verbs = (result: typeof gradeResult): Partial<Verbs> => ({
  openRelation: async (given) =>
    ({ name: given, [Symbol.asyncDispose]: async () => void closed.push(String(given)) }) as unknown as Relation,
  grade: async (_config, { onStep }) => {
    onStep?.('adding up sales.csv')
    return result
  },
})
const undecided = {
  ...gradeResult,
  ok: false,
  verdicts: gradeResult.verdicts.map((verdict, i) =>
    i === 0 ? { ...verdict, outcome: 'inconclusive' as const } : verdict,
  ),
}

test.each([
  ['right', gradeResult, 0],
  ['wrong', wrongGrade, 6],
  ['undecided', undecided, 5],
  ['wrong after faults', faultyGrade, 6],
] as const)('a table that is %s', async (_, result, code) => {
  const text = await retail(line, { verbs: verbs(result) })
  expect(text.code).toBe(code)
  expect(text.stdout).toMatchSnapshot()
  expect(closed.pop()).toBe('sales.csv')
  const json = await retail(`${line} --json`, { verbs: verbs(result) })
  expect([json.code, JSON.parse(json.stdout)]).toEqual([code, result])
})

test.each([
  ['--aggregate daily.csv', 'daily.csv'],
  ['--aggregate --query SELECT', { query: 'SELECT' }],
])('%s is compared as sums', async (flags, place) => {
  const opened: unknown[] = []
  const { code, stderr } = await retail(`grade ${flags} --until 2024-04-01 --stores 5`, {
    verbs: {
      openRelation: async (given) => {
        opened.push(given)
        return { [Symbol.asyncDispose]: async () => void opened.push('closed') } as unknown as Relation
      },
      gradeAggregate: async () => wrongGrade,
    },
  })
  expect([code, opened], stderr).toEqual([6, [place, 'closed']])
})

test.each(['--faults rough', '--transactions sales.csv', '--inventories moves.csv', '--query SELECT'])(
  '--aggregate daily.csv does not go together with %s',
  async (flags) => {
    expect((await retail(`grade --aggregate daily.csv ${flags} --until 2024-04-01 --stores 5`)).code).toBe(2)
  },
)

test('JUnit has a case per verdict, and per kind of event', async () => {
  const cwd = freshFolder()
  const { code } = await retail(`${line} --stores 5 --junit ci/report.xml`, { cwd, verbs: verbs(faultyGrade) })
  expect(code).toBe(6)
  expect(readFileSync(path.join(cwd, 'ci/report.xml'), 'utf8')).toMatchSnapshot()
})

test('the flags of faults reach the verb', async () => {
  const given: unknown[] = []
  const words =
    '--faults rough --without lost,skew --delivered 2024-04-01T06:00:00Z --settle 90s --lateness 2h --last-wins --true-times'
  const { code } = await retail(`${line} --stores 5 --dead-letters dead ${words}`, {
    verbs: {
      ...verbs(gradeResult),
      openLetters: async (place) => {
        given.push(place)
        return (async function* () {})()
      },
      grade: async (_config, { faults, deadLetters }) => {
        given.push(faults, deadLetters !== undefined)
        return gradeResult
      },
    },
  })
  expect(code).toBe(0)
  const { lost, skew, ...profile } = loadProfile('rough')
  const terms = { delivered: Date.parse('2024-04-01T06:00:00Z') / 1000, guessed: false, settle: 90, lateness: 7_200 }
  expect(given).toEqual(['dead', { profile, ...terms, lastWins: true, trueTimes: true }, true])
})

describe('what was delivered', () => {
  const world = '--stores 3 --products 20 --lines-per-store-day 40 --seed 7'
  const day = '--from 2024-01-01 --until 2024-01-03'
  const said = async (cwd: string, words: string) => {
    const { stdout, stderr, code } = await retail(`grade ${world} ${day} --workers 1 ${words}`, { cwd })
    return { code, faults: /^ {2}faults \w+: (.*)$/m.exec(stdout)?.[1] ?? stderr.trim() }
  }
  const sent = async (cwd: string, words: string) =>
    expect(await retail(`stream --to ndjson:events ${world} --speed max ${words}`, { cwd })).toMatchObject({ code: 0 })

  test('is what the destination records, of the table that is in it, or of the one that is named', async () => {
    const cwd = freshFolder()
    await sent(cwd, `${day} --faults hostile`)
    const inIt = await said(cwd, '--transactions events/*/transactions.ndjson --faults hostile')
    expect(inIt.faults).toBe('delivered until 2024-01-03T00:00:00Z, as ndjson:events records')
    const [batch] = readdirSync(path.join(cwd, 'events')).filter((name) => name.startsWith('2024'))
    copyFileSync(path.join(cwd, 'events', batch, 'transactions.ndjson'), path.join(cwd, 'mine.ndjson'))
    const mine = '--transactions mine.ndjson --faults hostile'
    expect((await said(cwd, mine)).faults).toBe('every copy was delivered (a guess: --delivered says until when)')
    expect(await said(cwd, `${mine} --delivered ndjson:events`)).toEqual(inIt)
    expect(await said(cwd, `${mine} --delivered ndjson:nowhere`)).toMatchInlineSnapshot(`
      {
        "code": 2,
        "faults": "error: ndjson:nowhere does not say what was delivered
        no event of this world was sent to it
        → give --delivered as an instant, or name the destination of the stream",
      }
    `)
    expect(await said(cwd, `${mine} --without lost --delivered ndjson:events`)).toMatchInlineSnapshot(`
      {
        "code": 2,
        "faults": "error: <here>/events holds other events
        they have the faults of profile a81aa9282313d377
        → name the world and the faults of that stream: its --faults, --without, and flags such as --seed; or give --delivered as an instant",
      }
    `)
    // Later than what was sent.
    expect(await said(cwd, `${mine} --until 2024-01-04 --delivered ndjson:events`)).toMatchInlineSnapshot(`
      {
        "code": 2,
        "faults": "error: --until 2024-01-04T00:00:00Z is after the last event that was sent
        ndjson:events has events up to 2024-01-03T00:00:00Z
        → use --until 2024-01-03T00:00:00Z or earlier",
      }
    `)
  })

  test('is what the files of an export hold', async () => {
    const cwd = freshFolder()
    const backfill = (to: string, faults = 'rough') =>
      retail(`backfill --out hist --format ndjson ${world} --from 2024-01-01 --to ${to} --faults ${faults}`, { cwd })
    expect(await backfill('2024-01-02')).toMatchObject({ code: 0 })
    const grade = (words: string) => said(cwd, `--transactions hist/transactions ${words}`)
    const { code, faults } = await grade('--faults rough --delivered hist')
    // Duplicates are kept, and nothing is missing that arrives later.
    expect([code, faults]).toEqual([6, 'delivered until 2024-01-03T00:00:00Z, as hist records'])
    expect((await grade('--faults mild --delivered hist')).faults).toMatch(/^error: .*hist holds other events/)
    expect((await grade('--faults rough --until 2024-01-04 --delivered hist')).faults).toContain(
      'hist has events up to 2024-01-03T00:00:00Z',
    )
    for (const file of readdirSync(path.join(cwd, 'hist/inventories'), { recursive: true, encoding: 'utf8' }))
      if (file.includes('block-001')) rmSync(path.join(cwd, 'hist/inventories', file))
    expect((await grade('--faults rough --delivered hist')).faults).toContain('no day of it is in all of its files')
  })

  test('is every copy after --drain', async () => {
    const cwd = freshFolder()
    await sent(cwd, `${day} --faults rough --drain`)
    const { faults } = await said(cwd, '--transactions events/*/transactions.ndjson --faults rough')
    expect(faults).toBe('every copy was delivered, as ndjson:events records')
  })
})

test.each([
  `${line} --stores 5 --lateness 2h`,
  `${line} --stores 5 --faults rough --settle 60s`,
  `${line} --stores 5 --faults ruff`,
  'grade --until 2024-04-01',
  'grade --transactions sales.csv',
  'grade --transactions a.csv --query b --until 2024-04-01',
  'grade --transactions a.csv --until 2024-04-01 --columns id',
  'grade --transactions a.csv --until 2024-04-01',
  'grade --transactions a.csv --until 2023-04-01 --stores 5',
])('retail %s is refused', async (words) => {
  const cwd = freshFolder()
  const { code, stderr, stdout } = await retail(words, {
    cwd,
    verbs: { openRelation: async () => ({ [Symbol.asyncDispose]: async () => {} }) as unknown as Relation },
  })
  expect({ code, stdout, stderr }).toMatchSnapshot()
})
