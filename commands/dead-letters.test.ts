import { describe, expect, test } from 'vitest'
import { retail } from '../test/front-door.ts'
import type { Verbs } from './verbs.ts'

const head = { location: 'a-shop.retail_raw.dead_letter', collected: 2 }
const line = {
  id: '4711',
  subscription: 'retail-transactions-load',
  table: 'transactions',
  receivedAt: '2024-04-01T12:00:00.250Z',
  reason: 'quantity is not a whole number',
  event: { id: 'T240401-0001-000001', at: '2024-04-01T11:59:59.000Z' },
  state: 'open',
  marked: undefined,
} as const
const foreign = {
  ...line,
  id: '4712',
  table: undefined,
  event: undefined,
  reason: 'it does not say which world it belongs to: it has no attribute world',
} as const
const counts = [
  { state: 'open', table: 'transactions', letters: 1_200, since: '2024-04-01T12:00:00.250Z' },
  { state: 'open', table: undefined, letters: 1, since: '2024-04-01T11:00:00Z' },
  { state: 'dropped', table: 'transactions', letters: 3, since: '2024-03-01T11:00:00Z' },
] as const

const verbs: Partial<Verbs> = {
  listLetters: async () => ({ ...head, counts, letters: [line, foreign], more: true }),
  showLetters: async () => ({
    ...head,
    collected: 0,
    letters: [
      { ...line, attributes: { world: 'w1' } as Record<string, string>, body: { text: '{"quantity":"1"}\u001B[2J\n' } },
      {
        ...foreign,
        state: 'dropped',
        marked: { at: '2024-04-02T12:00:00Z', by: 'jo@laptop', note: 'a test message' },
        attributes: {} as Record<string, string>,
        body: { base64: '//4=' },
      },
    ],
  }),
  replayLetters: async (_ports, _config, { dryRun = false }) => ({
    ...head,
    dryRun,
    replayed: { transactions: 1_199, inventories: 0 },
    invalid: 2,
    whyInvalid: [
      { id: '4711', why: line.reason },
      { id: '4712', why: foreign.reason },
    ],
  }),
  dropLetters: async (_ports, _config, { dryRun = false, reason }) => ({ ...head, dryRun, dropped: 1, reason }),
  async exportLetters(_ports, _config, { format, out }) {
    if ('write' in out) await out.write(Buffer.from('{"id":"4711"}\n'))
    return { ...head, format, file: 'file' in out ? out.file : undefined, letters: 1 }
  },
}

describe('retail dead-letters', () => {
  test.each([
    ['dead-letters', 0],
    ['dead-letters --json', 0],
    ['dead-letters show 4711 4712', 0],
    ['dead-letters replay --all', 5],
    ['dead-letters replay --all --dry-run', 0],
    ['dead-letters drop 4712 --reason tried', 0],
    ['dead-letters drop --all --reason tried --dry-run', 0],
    ['dead-letters export', 0],
    ['dead-letters export --out letters.csv --format csv --json', 0],
  ])('%s', async (words, code) => {
    const outcome = await retail(words, { verbs })
    expect(outcome).toMatchSnapshot()
    expect(outcome.code).toBe(code)
  })

  test('nothing open is good news', async () => {
    const none = async () => ({ ...head, collected: 0, counts: [], letters: [], more: false })
    const { code, stdout } = await retail('dead-letters', { verbs: { listLetters: none } })
    expect([code, stdout]).toEqual([0, '✔ No dead letter is open in a-shop.retail_raw.dead_letter\n'])
  })

  test.each([
    'dead-letters show',
    'dead-letters replay',
    'dead-letters replay 4711 --all',
    'dead-letters drop 4711',
    'dead-letters list 4711',
    'dead-letters list --all',
    'dead-letters export --json',
    'dead-letters export --limit 5',
    'dead-letters reply',
  ])('%s is refused with what to type instead', async (words) => {
    const { code, stderr } = await retail(words, { verbs })
    expect({ code, stderr }).toMatchSnapshot()
    expect(code).toBe(2)
  })

  test('target local says that it has none, and why', async () => {
    const { code, stderr } = await retail('dead-letters')
    expect({ code, stderr }).toMatchSnapshot()
  })
})
