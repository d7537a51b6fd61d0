import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { RetailError } from '../src/errors.ts'
import { freshFolder, retail } from '../test/front-door.ts'

/** Every mistake in a command line: what failed, why, and the command that fixes it. */
const mistakes = [
  'backfil',
  'nonsense',
  'backfill --frm 2024-01-01',
  'backfill --from someday',
  'backfill --to 2024-02-30',
  'backfill --from',
  'backfill --workers 0',
  'backfill --shard 5/4',
  'backfill --shard 0/4',
  'backfill extra',
  'backfill --format csv',
  'backfill --table store',
  'backfill --out - --format csv',
  'backfill --out -',
  'backfill --out - --table transactions',
  'backfill --out - --table transactions --format parquet',
  'backfill --out x --format cvs',
  'backfill --out x --table sales',
  'backfill --stores few',
  'backfill --target gpc',
  'stream --rate 5 --speed 2',
  'stream --rate 0',
  'stream --speed fast',
  'stream --duration 5',
  'stream --until soon',
  'stream --rate 500+5000/10s',
  'stream --rate 100..5000/10',
  'stream --real-time --speed 2',
  'stream --real-time --rate 5',
  'stream --max-events 1.5',
  'stream --until 2199-01-01',
  'stream --until 1999-12-31T23:59:59Z',
  'stream --resend-from 2099-01-01T00:00:01Z',
  'backfill --from 1999-12-31',
  'backfill --to +9999w',
  'init --from 1999-12-31 --yes',
  'init --to 2099-01-01 --yes',
  'plan --to 2099-01-01',
  'pack',
  'pack --workspace shop --force',
  'stream --to nowhere',
  'stream --to ndjsn:events',
  'stream --to - --resend-from 2024-04-02',
  'stream --to - --from 2023-12-31',
  'stream --from 2024-04-02',
  'grade --until 2024-04-01T12:00:00.5Z',
  'transform marts',
  'status --config --check',
  'completion bsh',
  'completion',
  'help statu',
  'init --size huge',
  'demo --seconds 0',
  'demo --size small',
]

describe('a mistyped command line', () => {
  test.each(mistakes)('retail %s', async (line) => {
    const { code, stdout, stderr } = await retail(line)
    expect(stderr).toMatchSnapshot()
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('is told to machines too, as the one document', async () => {
    const { code, stdout } = await retail('backfill --from someday --json')
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'bad_flag',
        message: "option '--from <day>' argument 'someday' is invalid",
        why: 'expected a day that exists, like 2024-01-31, today, yesterday, -90d, -12w, -3mo, or -1y',
        hint: 'retail backfill --help',
        exitCode: 2,
      },
    })
  })
})

describe('a failure of a verb', () => {
  const failing = (error: unknown) => ({ seedDims: () => Promise.reject(error) })

  test('that was foreseen has three lines and its own exit code', async () => {
    const error = new RetailError('tool_missing', 'no Python', { why: 'python3 is not on PATH', hint: 'install it' })
    expect(await retail('seed-dims', { verbs: failing(error) })).toMatchInlineSnapshot(`
      {
        "code": 3,
        "stderr": "error: no Python
        python3 is not on PATH
        → install it
      ",
        "stdout": "",
      }
    `)
  })

  test('of the system is told as what it is, also behind a clean-up that failed, with its own exit code', async () => {
    const words = { code: 'EROFS', syscall: 'open', path: '/shop/lake/store/store.parquet' }
    const error = Object.assign(new Error("EROFS: read-only file system, open '/shop/lake/store/store.parquet'"), words)
    const wrapped = Object.assign(new Error('suppressed'), {
      name: 'SuppressedError',
      error: new Error('the lock could not be released'),
      suppressed: error,
    })
    expect(await retail('seed-dims', { verbs: failing(wrapped) })).toMatchInlineSnapshot(`
      {
        "code": 4,
        "stderr": "error: the file system is read-only while opening /shop/lake/store/store.parquet
        the system says: EROFS: read-only file system, open '/shop/lake/store/store.parquet'
        → make it writable, or choose another folder with --workspace
      ",
        "stdout": "",
      }
    `)
  })

  test('that nobody foresaw is called a bug and keeps its stack for --debug', async () => {
    const bug = await retail('seed-dims', { verbs: failing(new TypeError('x is not a function')) })
    expect(bug).toMatchInlineSnapshot(`
      {
        "code": 1,
        "stderr": "error: this is a bug in retail
        x is not a function
        → run it again with --debug and report what it prints, with the output of: retail --version --json
      ",
        "stdout": "",
      }
    `)
    const debugged = await retail('seed-dims --debug', { verbs: failing(new TypeError('x is not a function')) })
    expect(debugged.stderr).toContain('caused by TypeError: x is not a function\n    at ')
  })

  test('is the last line of NDJSON', async () => {
    const error = new RetailError('busy', 'another run is writing', { hint: 'wait' })
    const { code, stdout } = await retail('backfill --json', { verbs: { backfill: () => Promise.reject(error) } })
    expect(code).toBe(2)
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { type: 'version', schema: 1, command: 'backfill' },
      {
        type: 'result',
        schema: 1,
        command: 'backfill',
        ok: false,
        error: { code: 'busy', message: 'another run is writing', hint: 'wait', exitCode: 2 },
      },
    ])
  })
})

describe('a config that is wrong', () => {
  test.each([
    ['values', 'target: lokal\nseed: -1\nworld: { stores: abc, products: 3 }\nhistory: { from: 2024-02-30 }\n'],
    ['keys', 'world:\n  store: 5\n  lines_per_day: 2\nstores: 5\nhistroy: {}\n'],
    ['period', 'history:\n  from: 2024-03-01\n  to: 2024-02-01\n'],
    ['centuries', 'history: { from: 1999-01-01, to: 2099-01-01 }\n'],
    ['syntax', 'world:\n  stores: 5\n products: [1\n'],
    ['twice', 'seed: 1\nseed: 2\n'],
    ['a list', '- seed: 1\n'],
    ['a section that is not one', 'world: 5\n'],
    ['a newer version', 'version: 2\nsomething: new\n'],
    ['an older version', 'version: 0\n'],
    ['gcp without its section', 'target: gcp\n'],
    ['gcp without a project', 'target: gcp\ngcp:\n  bucket: b\n'],
    ['an alias to nothing', 'seed: *there\n'],
  ])('%s', async (_name, text) => {
    const cwd = freshFolder()
    writeFileSync(path.join(cwd, 'retail.yaml'), text)
    const { code, stdout, stderr } = await retail('status --config', { cwd })
    expect(stderr).toMatchSnapshot()
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('names the source of each value', async () => {
    const cwd = freshFolder()
    writeFileSync(path.join(cwd, '.env'), 'RETAIL_PRODUCTS=many\n')
    const { stderr } = await retail('status --config --lines-per-store-day 99999', {
      cwd,
      env: { RETAIL_STORES: 'few' },
    })
    expect(stderr).toMatchSnapshot()
  })

  test('a folder in its place, a workspace that is not there', async () => {
    const cwd = freshFolder()
    mkdirSync(path.join(cwd, 'retail.yaml'))
    expect((await retail('status --config', { cwd })).stderr).toMatchSnapshot()
    expect((await retail('status --config --workspace nowhere', { cwd })).stderr).toMatchSnapshot()
  })

  test('gcp with some emulators only calls nobody', async () => {
    const cwd = freshFolder()
    writeFileSync(path.join(cwd, 'retail.yaml'), 'target: gcp\ngcp: { project: a-shop, bucket: bbb }\n')
    expect(await retail('status', { cwd, env: { STORAGE_EMULATOR_HOST: 'http://127.0.0.1:1' } })).toMatchSnapshot()
  })

  test('infra without terraform', async () => {
    const cwd = freshFolder()
    writeFileSync(path.join(cwd, 'retail.yaml'), 'target: gcp\ngcp: { project: a-shop, bucket: bbb }\n')
    const env = { RETAIL_TERRAFORM: '/nowhere/terraform' }
    expect(await retail('infra plan', { cwd, env })).toMatchSnapshot()
    expect((await retail('infra plan --detailed-exitcode', { cwd, env })).code).toBe(1)
  })

  test.each([
    'infra apply --yes --confirm another-shop',
    'infra output --confirm a-shop',
    'infra apply --detailed-exitcode --yes',
    'infra apply',
    'infra destroy --yes',
    'infra aply',
  ])('%s', async (line) => {
    const cwd = freshFolder()
    writeFileSync(path.join(cwd, 'retail.yaml'), 'target: gcp\ngcp: { project: a-shop, bucket: bbb }\n')
    expect(await retail(line, { cwd })).toMatchSnapshot()
  })
})
