import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Relation } from '../src/ports/index.ts'
import { freshFolder, retail } from '../test/front-door.ts'
import { gradeResult, wrongGrade } from '../test/results.ts'
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
] as const)('a table that is %s', async (_, result, code) => {
  const text = await retail(line, { verbs: verbs(result) })
  expect(text.code).toBe(code)
  expect(text.stdout).toMatchSnapshot()
  expect(closed.pop()).toBe('sales.csv')
  const json = await retail(`${line} --json`, { verbs: verbs(result) })
  expect([json.code, JSON.parse(json.stdout)]).toEqual([code, result])
})

test('JUnit has a case per verdict', async () => {
  const cwd = freshFolder()
  const { code } = await retail(`${line} --stores 5 --junit ci/report.xml`, { cwd, verbs: verbs(wrongGrade) })
  expect(code).toBe(6)
  expect(readFileSync(path.join(cwd, 'ci/report.xml'), 'utf8')).toMatchSnapshot()
})

test.each([
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
