import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { RetailError } from '../errors.ts'
import { newConfigText } from './document.ts'
import { configListing } from './listing.ts'
import { type LoadOptions, loadConfig } from './load.ts'

let cwd: string
beforeEach(() => {
  cwd = freshFolder()
})
const write = (text: string, name = 'retail.yaml') => writeFileSync(path.join(cwd, name), text)
const load = (options: Partial<LoadOptions> = {}) => loadConfig({ cwd, env: {}, ...options })

const refused = (options: Partial<LoadOptions>): RetailError => {
  try {
    load(options)
  } catch (error) {
    return error as RetailError
  }
  throw new Error('it was accepted')
}

describe('the next step after a mistake', () => {
  test('of a flag is the command line, where the mistake is', () => {
    const { hint } = refused({ overrides: { 'history.to': '2023-01-01' } })
    expect(hint).toBe('correct --to, and run the command again')
  })

  test('of a workspace that is a file is no attempt to create it', () => {
    write('seed: 42')
    write('', 'notes.txt')
    expect(String(refused({ workspace: 'retail.yaml' }).hint)).toContain(`status --workspace ${cwd}`)
    expect(refused({ workspace: 'notes.txt' }).hint).toBe('choose a folder with --workspace')
    expect(String(refused({ workspace: 'none' }).hint)).toContain('init --workspace')
  })
})

describe('the config of a workspace', () => {
  test('is the defaults when there is no file', () => {
    const { config, file } = load()
    expect(file).toBeUndefined()
    expect(config).toMatchObject({
      target: 'local',
      seed: 42,
      world: { stores: 1000, products: 2000, lines_per_store_day: 100, schema: 'strict' },
      history: { from: '2024-01-01', to: '2024-03-31' },
      local: { database: 'retail.duckdb', lake: 'lake' },
      workspace: cwd,
    })
  })

  test.each(['', '# nothing but a comment\n', '---\n', '\uFEFFseed: 42\n', 'seed: 42\r\n'])(
    'may be written as %j',
    (text) => {
      write(text)
      expect(load().config.seed).toBe(42)
    },
  )

  test('is laid flag over variable over .env over file over default, and says so', () => {
    write(
      'seed: 1\nworld: { stores: 1, products: 11, lines_per_store_day: 1 }\nsinks: { shop: { brokers: "a:1,b:2", tls: true } }\n',
    )
    write('RETAIL_STORES=2\nRETAIL_PRODUCTS=12\nRETAIL_FROM=2024-01-05\nRETAIL_LAKE=\n', '.env')
    const loaded = load({ env: { RETAIL_STORES: '3', RETAIL_SCHEMA: 'extended' }, overrides: { 'world.stores': 4 } })
    const shown = configListing(loaded).settings.map(({ key, value, source }) => `${key} = ${value} (${source})`)
    expect(shown).toEqual([
      'target = local (default)',
      'seed = 1 (retail.yaml)',
      'world.stores = 4 (flag)',
      'world.products = 12 (.env RETAIL_PRODUCTS)',
      'world.lines_per_store_day = 1 (retail.yaml)',
      'world.schema = extended (RETAIL_SCHEMA)',
      'history.from = 2024-01-05 (.env RETAIL_FROM)',
      'history.to = 2024-03-31 (default)',
      'parquet.compression = snappy (default)',
      'local.database = retail.duckdb (default)',
      'local.lake = lake (default)',
      'sinks.shop = kafka://a:1,b:2?tls=true (retail.yaml)',
    ])
  })

  test('does not change the environment of the process', () => {
    write('RETAIL_STORES=2\n', '.env')
    load()
    expect(process.env.RETAIL_STORES).toBeUndefined()
  })

  test('is found from a folder inside, by flag and by variable', () => {
    write('seed: 7\n')
    const inside = path.join(cwd, 'a', 'b')
    mkdirSync(inside, { recursive: true })
    expect(load({ cwd: inside }).config).toMatchObject({ seed: 7, workspace: cwd })
    expect(load({ cwd: '/', workspace: cwd }).config.seed).toBe(7)
    expect(load({ cwd: '/', env: { RETAIL_WORKSPACE: cwd } }).config.seed).toBe(7)
    expect(load({ cwd: inside, workspace: '.' }).config).toMatchObject({ seed: 42, workspace: inside })
  })

  test('is frozen', () => {
    const { config } = load()
    expect(() => Object.assign(config.world, { stores: 1 })).toThrow(TypeError)
  })

  test('names a file by the way the user would', () => {
    write('sed: 1\n')
    mkdirSync(path.join(cwd, 'inside'))
    expect(whyOf(() => load({ cwd: path.join(cwd, 'inside') }))).toMatch(
      /^\.\.\/retail\.yaml:1:1 sed: unknown key; did you mean seed\?$/,
    )
  })

  test('a variable of the cloud does not make a local workspace ask for the rest of it', () => {
    expect(load({ env: { RETAIL_PROJECT: 'p' } }).config.gcp).toBeUndefined()
    expect(
      load({ env: { RETAIL_PROJECT: 'a-shop', RETAIL_BUCKET: 'bucket', RETAIL_TARGET: 'gcp' } }).config.gcp,
    ).toMatchObject({
      project: 'a-shop',
      dataset: 'retail',
    })
  })
})

test('a config mutated at random is read or refused, never more, and never changed', () => {
  const whole = newConfigText({})
  const scrap = fc.constantFrom(
    ...'[]{}:#&*!|>\'"%@`\n\t -?,\\'.split(''),
    '<<: *a',
    '---',
    '...',
    '__proto__: 1',
    'gcp:',
    '? [a]: b',
    '1e999',
    '0x10',
    '~',
    '&a [*a]',
  )
  const mutation = fc.record({
    at: fc.nat(whole.length),
    cut: fc.nat(12),
    put: fc.oneof(scrap, fc.string({ maxLength: 6 })),
  })
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      let text = whole
      for (const { at, cut, put } of mutations) text = text.slice(0, at) + put + text.slice(at + cut)
      write(text)
      const bytes = readFileSync(path.join(cwd, 'retail.yaml'))
      try {
        load()
      } catch (error) {
        expect(error).toBeInstanceOf(RetailError)
        expect(error).toMatchObject({
          code: 'bad_config',
          why: expect.stringMatching(/./),
          hint: expect.stringMatching(/./),
        })
      }
      expect(readFileSync(path.join(cwd, 'retail.yaml')).equals(bytes)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('a .env of any text is read or refused', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, value) => {
      write(`${before}\nRETAIL_STORES=${value}\n`, '.env')
      try {
        load()
      } catch (error) {
        expect(error).toBeInstanceOf(RetailError)
      }
    }),
    { numRuns: 200 },
  )
})

function whyOf(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    return (error as RetailError).why
  }
}
