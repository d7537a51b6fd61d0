import { describe, expect, test } from 'vitest'
import { duckdbDialect } from '../adapters/local/duckdb-dialect.ts'
import { RetailError } from '../errors.ts'
import { compileStatement, type Marts, type Published, type Row, type Statement } from '../ports/index.ts'
import { parseDay, SECONDS_PER_DAY } from '../time.ts'
import { type Answers, answersOf } from './answers.ts'
import { parseFilters } from './filters.ts'
import { choicesStatement } from './head.ts'
import { panelNames } from './panels/index.ts'

const cut = {
  history: (parseDay('2024-04-01') ?? 0) * SECONDS_PER_DAY,
  live: (parseDay('2024-04-01') ?? 0) * SECONDS_PER_DAY,
}
const published: Published = { world: 'w', lake: 'lake', generation: 0, raw: cut, marts: cut }
const choices: Row[] = [
  { kind: 'first', name: '2024-01-01' },
  { kind: 'location', name: 'Austin, TX' },
  ...['2024-01-01', '2024-02-01', '2024-03-01'].map((name) => ({ kind: 'month', name })),
]

/** A warehouse of no rows that counts what it is asked and answers when it is told to. */
function warehouse({ keepMs, billed }: { keepMs?: number; billed?: number } = {}) {
  const asked: Statement[] = []
  let held: (() => void)[] | undefined
  const state = { version: '1', atOnce: 0, most: 0, fail: undefined as unknown }
  const marts: Marts = {
    location: 'project.retail_marts',
    keepMs,
    version: async () => state.version,
    published: async () => published,
    async query(statement) {
      if (statement === choicesStatement) return { rows: choices, bytesBilled: billed }
      asked.push(statement)
      state.most = Math.max(state.most, ++state.atOnce)
      await new Promise<void>((resolve) => (held ? held.push(resolve) : setImmediate(resolve)))
      state.atOnce--
      if (state.fail) throw state.fail
      return { rows: [], bytesBilled: billed }
    },
    async [Symbol.asyncDispose]() {},
  }
  return {
    marts,
    asked,
    state,
    hold: () => {
      held = []
    },
    release: () => {
      const waiting = held ?? []
      held = undefined
      for (const resolve of waiting) resolve()
    },
  }
}

const all = parseFilters(new URLSearchParams())
const ask = (answers: Answers, search = '') =>
  Promise.all(panelNames.map((name) => answers.panel(name, parseFilters(new URLSearchParams(search)))))

describe('a question', () => {
  test.each([
    'location=Austin, TX&year=2024&month=2',
    'store=S2024&from=2024-01-03&to=2024-02-01&category=Austin',
    'product=P2024&location=Austin, TX&from=2024-01-03&by=day',
  ])(
    'is one statement for each view, whose values are bound and whose names are from a fixed list: %s',
    async (search) => {
      const { marts, asked } = warehouse()
      await ask(answersOf(marts), search)
      expect(asked).toHaveLength(panelNames.length)
      for (const statement of asked) {
        const { text: sql } = compileStatement(statement, duckdbDialect)
        const { parameters } = statement
        expect(sql).not.toMatch(/Austin|2024/)
        for (const [, name] of sql.matchAll(/\$(\w+)/g)) expect(parameters).toHaveProperty(name)
        for (const [, table] of sql.replaceAll(/extract\(\w+ from/g, '').matchAll(/(?:from|join) (\w+\.\w+)/g))
          expect(table).toMatch(
            /^marts\.(monthly_sales|monthly_product_sales|daily_sales|dim_store|dim_product|stock_levels|stock_on_hand|monthly_stock)$/,
          )
        expect(sql).not.toMatch(/;|--|\braw\b|\bstaging\b/)
      }
    },
  )

  test('that is asked while it is being answered is asked once', async () => {
    const { marts, asked, hold, release } = warehouse()
    const answers = answersOf(marts)
    await answers.head(all)
    hold()
    const twice = Promise.all([answers.panel('kpi', all), answers.panel('kpi', all)])
    await new Promise(setImmediate)
    release()
    await twice
    expect(asked).toHaveLength(1)
  })

  test('about a product covers the same whole months in every view', async () => {
    const { marts, asked } = warehouse()
    const answers = answersOf(marts)
    const filters = parseFilters(new URLSearchParams('product=P2024&from=2024-02-10&to=2024-02-20'))
    for (const name of panelNames) if (name !== 'stock') await answers.panel(name, filters)
    for (const { parameters } of asked)
      expect(parameters).toMatchObject({ period_from: '2024-02-01', period_to: '2024-03-01' })
  })

  test('waits when two are being answered', async () => {
    const { marts, state } = warehouse()
    await ask(answersOf(marts))
    expect(state.most).toBe(2)
  })

  test('that takes too long is given up, and its place is free for the next', async () => {
    const { marts, asked } = warehouse()
    const endless: Marts = {
      ...marts,
      query: (statement, signal) =>
        statement === choicesStatement
          ? marts.query(statement, signal)
          : new Promise((_, reject) => {
              asked.push(statement)
              signal?.addEventListener('abort', () => reject(new Error('interrupted')))
            }),
    }
    const told = await ask(answersOf(endless, Date.now, 1))
    expect(asked).toHaveLength(panelNames.length)
    for (const answer of told)
      expect(answer).toMatchObject({ trouble: { message: expect.stringContaining('canceled') } })
  })

  test('is not asked again for a filter that does not touch it', async () => {
    const { marts, asked } = warehouse()
    const answers = answersOf(marts)
    await ask(answers)
    asked.length = 0
    await ask(answers, 'compare=off')
    expect(asked).toHaveLength(3)
    asked.length = 0
    await ask(answers, 'month=2')
    expect(asked).toHaveLength(panelNames.length - 1)
  })
})

describe('an answer', () => {
  test('is kept until the data changes', async () => {
    const { marts, asked, state } = warehouse()
    const answers = answersOf(marts)
    await answers.panel('kpi', all)
    await answers.panel('kpi', all)
    expect(asked).toHaveLength(1)
    state.version = '2'
    await answers.panel('kpi', all)
    expect(asked).toHaveLength(2)
  })

  test('that costs money is kept for its time, and says its bytes', async () => {
    let now = 0
    const { marts, asked } = warehouse({ keepMs: 600_000, billed: 10_485_760 })
    const answers = answersOf(marts, () => now)
    expect(await answers.panel('kpi', all)).toMatchObject({ bytesBilled: 10_485_760 })
    now = 599_999
    await answers.panel('kpi', all)
    expect(asked).toHaveLength(1)
    now = 600_001
    await answers.panel('kpi', all)
    expect(asked).toHaveLength(2)
  })

  test('that failed is told in words and asked again', async () => {
    const { marts, state, asked } = warehouse()
    const answers = answersOf(marts)
    state.fail = new RetailError('cloud_denied', 'not allowed to query', { hint: 'retail status --check' })
    expect(await answers.panel('kpi', all)).toEqual({
      panel: 'kpi',
      trouble: { code: 'cloud_denied', message: 'not allowed to query', why: undefined, hint: 'retail status --check' },
    })
    state.fail = new Error('IO Error: something\nlong stack')
    expect(await answers.panel('kpi', all)).toMatchObject({ trouble: { why: 'IO Error: something' } })
    state.fail = undefined
    expect(await answers.panel('kpi', all)).toHaveProperty('data')
    expect(asked).toHaveLength(3)
  })
})
