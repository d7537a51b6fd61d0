import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { templateFiles, templateNames } from '../src/pipeline/templates.ts'
import { parseDay } from '../src/time.ts'
import { freshFolder, retail, type Visit } from '../test/front-door.ts'
import { demoResult } from '../test/results.ts'
import type { Choice, Prompts } from './ui/prompts.ts'

/** A person who gives these answers in turn: the begin of a choice's name, or a text. */
function person(...answers: string[]): Prompts & { asked: string[] } {
  const asked: string[] = []
  const nextAnswer = (message: string) => {
    asked.push(message)
    const answer = answers.shift()
    if (answer === undefined) throw new Error(`nobody answers: ${message}`)
    return answer
  }
  return {
    asked,
    async select<T>(message: string, choices: readonly Choice<T>[], preset?: T) {
      const answer = nextAnswer(message)
      if (answer === '') return preset ?? choices[0].value
      const chosen = choices.find(({ name, disabled }) => name.startsWith(answer) && !disabled)
      if (!chosen) throw new Error(`no choice ${answer} of ${choices.map(({ name }) => name)}`)
      return chosen.value
    },
    async several<T>(message: string, choices: readonly Choice<T>[], preset: readonly T[]) {
      const answer = nextAnswer(message)
      if (answer === '') return [...preset]
      return choices
        .filter(({ name }) => answer.split(',').some((word) => name.startsWith(word)))
        .map(({ value }) => value)
    },
    async input(message, preset, check) {
      const answer = nextAnswer(message) || preset
      expect(check(answer)).toBe(true)
      return answer
    },
  }
}

const wizard = (line: string, prompts: Prompts, visit: Visit = {}) =>
  retail(line, { ...visit, terminal: true, prompts })
const configOf = (cwd: string) => readFileSync(path.join(cwd, 'retail.yaml'), 'utf8')

describe('the wizard', () => {
  test('asks five questions and shows everything before it writes', async () => {
    const cwd = freshFolder()
    const jo = person('', '', '', '', '', 'Write')
    const { code, stdout, stderr } = await wizard('init', jo, { cwd })
    expect(code).toBe(0)
    expect(jo.asked).toMatchInlineSnapshot(`
      [
        "Where should the data go?",
        "How much data?",
        "Period: first and last day",
        "Seed (the same seed generates the same sales)",
        "Also write files for",
        "Ready?",
      ]
    `)
    expect(stderr).toMatchSnapshot()
    expect(stdout).toMatchSnapshot()
    expect(configOf(cwd)).toContain('stores: 1000')
  })

  test('lets any answer be edited', async () => {
    const cwd = freshFolder()
    const jo = person(
      'Local',
      'custom',
      '12',
      '300',
      '40',
      '2024-01-01 to 2024-01-31',
      '7',
      'airflow',
      'Edit',
      'period',
      '2023-01-01 … 2023-02-28',
      'Write',
    )
    const { stdout } = await wizard('init', jo, { cwd })
    for (const line of [
      'stores: 12 ',
      'products: 300 ',
      'lines_per_store_day: 40 ',
      'from: 2023-01-01 ',
      'to: 2023-02-28 ',
      'seed: 7 ',
    ])
      expect(configOf(cwd)).toContain(line)
    expect(stdout).toContain(
      'retail init --target local --stores 12 --products 300 --lines-per-store-day 40 --from 2023-01-01 --to 2023-02-28 --seed 7 --with airflow --yes',
    )
  })

  test('asks only what no flag and no variable answered', async () => {
    const jo = person('Write')
    await wizard('init --target local --size tiny --from 2024-01-01 --to 2024-01-02', person('', '', 'Write'))
    const { code } = await wizard(
      'init --target local --size tiny --from 2024-01-01 --to 2024-01-02 --with airflow',
      jo,
      {
        env: { RETAIL_SEED: '3' },
      },
    )
    expect(code).toBe(0)
    expect(jo.asked).toEqual(['Ready?'])
  })

  test.each([
    ['init --yes --schema extended', {}],
    ['init --yes', { RETAIL_SCHEMA: 'extended' }],
  ])('%s %j writes the schema, and repeats it', async (line, env) => {
    const cwd = freshFolder()
    const { stdout } = await retail(line, { cwd, env })
    expect(configOf(cwd)).toContain('schema: extended')
    expect(stdout).toMatch(/retail init .*--schema extended .*--yes/)
  })

  test('cancelled, leaves nothing behind', async () => {
    const cwd = freshFolder()
    const { code, stderr } = await wizard('init', person('', '', '', '', '', 'Cancel'), { cwd })
    expect(code).toBe(130)
    expect(stderr).toContain('cancelled')
    expect(existsSync(path.join(cwd, 'retail.yaml'))).toBe(false)
  })

  test('shows how a file that was there would change', async () => {
    const cwd = freshFolder()
    writeFileSync(path.join(cwd, 'retail.yaml'), '# mine\nworld: { stores: 5 } # five\n')
    const { stderr } = await wizard('init --size tiny', person('', '', '', '', 'Write'), { cwd })
    expect(stderr).toContain('- world: { stores: 5 } # five')
    expect(configOf(cwd)).toContain('# mine\nworld:')
    expect(configOf(cwd)).toContain('# five')
  })

  test.each([
    ['2024-01-01', false],
    ['2024-02-01 to 2024-01-01', false],
    ['1999-01-01 to 2024-01-01', false],
    ['2024-01-01 2024-01-31', true],
    ['2024-01-01..2024-01-31', true],
    ['-90d to yesterday', true],
    ['-90d', true],
    ['-3mo..today', true],
    ['yesterday to -90d', false],
    ['-90 to yesterday', false],
  ])('takes a period written %s: %s', async (text, good) => {
    const { questions } = await import('./ui/questions.ts')
    const verdicts: (string | true)[] = []
    const prompts: Prompts = {
      select: () => Promise.reject(),
      several: () => Promise.reject(),
      async input(_message, preset, check) {
        verdicts.push(check(text))
        return preset
      },
    }
    const answers = {
      stores: 1,
      products: 10,
      linesPerStoreDay: 1,
      schema: 'strict' as const,
      from: '2024-01-01',
      to: '2024-01-02',
      seed: 1,
    }
    const period = questions.find(({ name }) => name === 'period')!
    await period.ask(prompts, { target: 'local', extras: [], ...answers }, parseDay('2024-05-31')!)
    expect(verdicts).toEqual([good ? true : expect.any(String)])
  })
})

describe('without anybody to ask', () => {
  test('every answer that is missing is named at once, with a line that works', async () => {
    const { code, stderr } = await retail('init --size tiny')
    expect(code).toBe(2)
    expect(stderr).toMatchInlineSnapshot(`
      "error: init needs input, but stdin is not a terminal
        missing: --target, --from, --to (or use --yes for the defaults)
        → retail init --target local --size tiny --from 2024-01-01 --to 2024-03-31 --seed 42 --yes
      "
    `)
    const [, example] = /→ retail (.*)/.exec(stderr)!
    expect((await retail(example)).code).toBe(0)
  })

  test.each([
    ['CI', { CI: 'true' }, 'init'],
    ['RETAIL_NO_INPUT', { RETAIL_NO_INPUT: '1' }, 'init'],
    ['--no-input', {}, 'init --no-input'],
  ] as [string, Record<string, string>, string][])('%s counts even on a terminal', async (_name, env, line) => {
    const nobody = person()
    expect((await wizard(line, nobody, { env })).code).toBe(2)
    expect(nobody.asked).toEqual([])
  })

  test('flags for everything need no --yes, --yes needs no flags', async () => {
    expect((await retail('init --target local --size large --from 2024-01-01 --to 2024-12-31')).code).toBe(0)
    expect((await retail('init --yes')).code).toBe(0)
  })

  test('the flags of the answers make the same file again', async () => {
    const [one, two] = [freshFolder(), freshFolder()]
    const { stdout } = await retail('init --stores 3 --from 2024-01-01 --to 2024-01-05 --yes', { cwd: one })
    await retail(/retail (init .*)/.exec(stdout)![1], { cwd: two })
    expect(configOf(two)).toBe(configOf(one))
  })

  test('a retail.yaml that would change stays until --force', async () => {
    const cwd = freshFolder()
    await retail('init --yes', { cwd })
    const before = configOf(cwd)
    const refused = await retail('init --stores 5 --yes', { cwd })
    expect(refused).toMatchSnapshot()
    expect(configOf(cwd)).toBe(before)
    expect((await retail('init --yes', { cwd })).stdout).toContain('Nothing to change')
    expect(await retail('init --stores 5 --yes --force', { cwd })).toMatchSnapshot()
    expect(configOf(cwd)).toContain('stores: 5 ')
  })

  test('a retail.yaml that cannot be read is replaced only with --force', async () => {
    const cwd = freshFolder()
    writeFileSync(path.join(cwd, 'retail.yaml'), 'world: [\n')
    expect((await retail('init --yes', { cwd })).code).toBe(2)
    expect(configOf(cwd)).toBe('world: [\n')
    expect((await retail('init --yes --force', { cwd })).code).toBe(0)
    expect(configOf(cwd)).toContain('stores: 1000')
  })

  test('--dry-run writes nothing, --workspace makes its folder, --json tells the files', async () => {
    const cwd = freshFolder()
    await retail('init --yes --dry-run', { cwd })
    expect(existsSync(path.join(cwd, 'retail.yaml'))).toBe(false)
    const { stdout } = await retail('init --yes --workspace shop --json', { cwd })
    expect(JSON.parse(stdout).files).toHaveLength(3)
    expect(existsSync(path.join(cwd, 'shop', 'retail.yaml'))).toBe(true)
  })
})

describe('files for what runs around it', () => {
  const line = 'init --yes --with airflow'

  test('are written where they belong, and their README is named', async () => {
    const cwd = freshFolder()
    const { code, stdout } = await retail(line, { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('Read airflow/README.md')
    expect(existsSync(path.join(cwd, 'airflow/dags/retail_data_pipeline.py'))).toBe(true)
    expect((await retail(line, { cwd })).stdout).toContain('Nothing to change')
  })

  test('start the DAGs the day before the first init, in settings that every later one keeps', async () => {
    const cwd = freshFolder()
    const settings = path.join(cwd, 'airflow/dags/retail_settings.py')
    expect((await retail(line, { cwd, today: '2026-11-28' })).code).toBe(0)
    const mine = `${readFileSync(settings, 'utf8')}# mine\n`
    expect(mine).toContain('or "2026-11-27"')
    writeFileSync(settings, mine)
    for (const again of [line, `${line} --force`]) {
      expect((await retail(again, { cwd, today: '2026-12-24' })).code).toBe(0)
      expect(readFileSync(settings, 'utf8')).toBe(mine)
    }
  })

  test('come with the package that they install, which is ours and follows our version', async () => {
    const cwd = freshFolder()
    const { stdout } = await retail('init --yes --with make', { cwd })
    const [, name] = /Commit (vendor\/retail-cli-\d+\.\d+\.\d+\.tgz): /.exec(stdout)!
    expect(readFileSync(path.join(cwd, 'Makefile'), 'utf8')).toContain(`RETAIL_PACKAGE ?= ./${name}\n`)
    const whole = readFileSync(path.join(cwd, name))
    writeFileSync(path.join(cwd, name), 'half')
    const { code, stdout: again } = await retail('init --yes --with make', { cwd })
    expect([code, again]).toEqual([0, expect.stringContaining(`Wrote ${name} (changed)`)])
    expect(readFileSync(path.join(cwd, name)).equals(whole)).toBe(true)
  })

  test('that were changed stay until --force, which shows every difference', async () => {
    const cwd = freshFolder()
    await retail(line, { cwd })
    const mine = ['airflow/pools.json', 'airflow/README.md'].map((name) => path.join(cwd, name))
    for (const file of mine) writeFileSync(file, `mine\n${readFileSync(file, 'utf8')}`)
    const refused = await retail(line, { cwd })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('airflow/README.md, airflow/pools.json already exist and would change')
    expect(refused.stderr.match(/- mine/g)).toHaveLength(2)
    for (const file of mine) expect(readFileSync(file, 'utf8')).toMatch(/^mine/)
    const forced = await retail(`${line} --force`, { cwd })
    expect([forced.code, forced.stderr.match(/- mine/g)?.length]).toEqual([0, 2])
    for (const file of mine) expect(readFileSync(file, 'utf8')).not.toMatch(/^mine/)
  })

  test('of a name that there is not are refused, with the nearest', async () => {
    const { code, stderr } = await retail('init --yes --with airflo')
    expect([code, stderr]).toEqual([2, expect.stringContaining('did you mean airflow?')])
  })

  test.each(templateNames)('%s: a README of a page, which names what starts it', (name) => {
    const files = templateFiles(name)
    const readme = files.find((file) => file.path.endsWith('README.md'))!
    expect(readme.text.split('\n').length).toBeLessThan(60)
    expect(readme.text).toMatch(/```sh\n.+\n.+\n```/)
    for (const { text } of files) expect(text).not.toMatch(/@RETAIL_VERSION@|\/work\/|\/root\//)
  })
})

describe('the demo', () => {
  const verbs = { demo: async () => demoResult }

  test('begins a workspace of its own', async () => {
    const cwd = freshFolder()
    expect((await retail('demo --size tiny --seed 7', { cwd, verbs })).code).toBe(0)
    expect(configOf(path.join(cwd, 'retail-demo'))).toMatch(/seed: 7 [\s\S]*stores: 10 /)
    expect((await retail('demo', { cwd, verbs })).code).toBe(0)
  })

  test('takes an empty folder, and no other that is not its own', async () => {
    const cwd = freshFolder()
    expect((await retail('demo --dir .', { cwd, verbs })).code).toBe(0)
    const full = freshFolder()
    mkdirSync(path.join(full, 'photos'))
    const { code, stderr } = await retail('demo --dir .', { cwd: full, verbs })
    expect(code).toBe(2)
    expect(stderr).toMatchInlineSnapshot(`
      "error: . is not empty and is not a retail workspace
        it contains photos
        → retail demo --dir another-folder
      "
    `)
    writeFileSync(path.join(full, 'file'), '')
    expect((await retail('demo --dir file', { cwd: full, verbs })).stderr).toContain('is not a folder')
  })
})

test('a first day that is counted from today, alone, means until yesterday', async () => {
  const cwd = freshFolder()
  const { code } = await retail('init --from -90d --yes', { cwd, today: '2026-11-28' })
  expect(code).toBe(0)
  expect(configOf(cwd).match(/\d{4}-\d\d-\d\d/g)).toEqual(expect.arrayContaining(['2026-08-30', '2026-11-27']))
})

test('the last day of a variable or of the file stays, when only a first day is counted from today', async () => {
  const cwd = freshFolder()
  const line = (today: string) => ({ cwd, today, env: { RETAIL_TO: '2026-12-24' } })
  expect((await retail('init --from -90d --yes', line('2026-11-28'))).code).toBe(0)
  expect(configOf(cwd).match(/\d{4}-\d\d-\d\d/g)).toEqual(expect.arrayContaining(['2026-08-30', '2026-12-24']))
  // The file has it now; nothing else says so.
  expect((await retail('init --from -60d --yes --force', { cwd, today: '2026-11-28' })).code).toBe(0)
  expect(configOf(cwd).match(/\d{4}-\d\d-\d\d/g)).toEqual(expect.arrayContaining(['2026-09-29', '2026-12-24']))
})

test('days counted from today mean the same in plan and backfill, and a period that ends before it begins is explained', async () => {
  const cwd = freshFolder()
  const today = '2024-05-31'
  expect((await retail('init --size tiny --from 2024-05-01 --to 2024-05-30 --yes', { cwd, today })).code).toBe(0)
  const plan = await retail('plan --to yesterday --json', { cwd, today })
  expect(JSON.parse(plan.stdout).world).toMatchObject({ from: '2024-05-01', to: '2024-05-30' })
  const backfill = await retail('backfill --from -9d --dry-run --json', { cwd, today })
  expect(JSON.parse(backfill.stdout.trim().split('\n').at(-1)!)).toMatchObject({ to: '2024-05-30' })
  const late = await retail('backfill --from -9d --dry-run', { cwd, today: '2025-05-31' })
  expect([late.code, late.stderr]).toEqual([2, expect.stringContaining('--to of 2025-05-22 or later')])
  expect(await retail('plan --from -90d', { cwd, today })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("unknown option '--from'"),
  })
})

test.each(['-3mo to yesterday', '-3mo'])('the wizard takes a period from %s, and writes its dates', async (period) => {
  const cwd = freshFolder()
  const { code } = await wizard('init', person('', '', period, '', '', 'Write'), { cwd, today: '2024-05-31' })
  expect(code).toBe(0)
  expect(configOf(cwd).match(/\d{4}-\d\d-\d\d/g)).toEqual(expect.arrayContaining(['2024-02-29', '2024-05-30']))
})

test('days counted from today are written as the days they meant', async () => {
  const cwd = freshFolder()
  const { code, stdout } = await retail('init --from -3mo --to yesterday --yes', { cwd, today: '2024-05-31' })
  expect(code).toBe(0)
  expect(stdout).toContain('--from 2024-02-29 --to 2024-05-30')
  expect(configOf(cwd).match(/\d{4}-\d\d-\d\d/g)).toEqual(expect.arrayContaining(['2024-02-29', '2024-05-30']))
  // A year later the file still means what it meant.
  const later = await retail('plan --json', { cwd, today: '2025-05-31' })
  expect(JSON.parse(later.stdout).world).toMatchObject({ from: '2024-02-29', to: '2024-05-30' })
})
