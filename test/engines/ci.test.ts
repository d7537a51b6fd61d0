import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { templateFiles } from '../../src/pipeline/templates.ts'
import { pythonHome, retail, workspace } from '../tool.ts'
import { type Ended, freshFolder, run } from './packed.ts'

interface Workflow {
  on: { schedule: { cron: string }[]; workflow_dispatch: unknown }
  permissions: object
  jobs: { verify: { env: Record<string, string>; steps: Step[]; 'timeout-minutes': number } }
}
interface Step {
  run?: string
  uses?: string
  if?: string
  with?: Record<string, string>
}

const [{ path: file, text }] = templateFiles('ci').filter(({ path }) => path.endsWith('.yml'))
const readme = templateFiles('ci').find(({ path }) => path.endsWith('README.md'))!.text
const workflow = parse(text) as Workflow
const { steps, env } = workflow.jobs.verify

/** The steps that are commands, as GitHub's runner runs them: one bash for each, and none after one that failed. */
async function night(
  folder: string,
  home: string,
  before: (step: string) => unknown = () => {},
): Promise<{ step: string; ended: Ended }[]> {
  const bin = path.join(home, 'bin')
  const settings = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replace(/\$\{\{ github\.workspace \}\}/, folder)]),
  )
  expect(settings.RETAIL_PYTHON_HOME).toBe(path.join(folder, '.retail/python'))
  const all = {
    ...settings,
    RETAIL_PYTHON_HOME: pythonHome,
    npm_config_prefix: home,
    PATH: `${bin}:${process.env.PATH}`,
  }
  const ran = []
  for (const { run: line } of steps) {
    if (line === undefined) continue
    const script = path.join(home, 'step.sh')
    writeFileSync(script, line)
    before(line)
    const ended = await run(folder, 'bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], all)
    ran.push({ step: line, ended })
    if (ended.code !== 0) break
  }
  return ran
}

test('the workflow is nightly, reads only, ends by itself, and keeps the result whatever it is', () => {
  expect(file).toBe('.github/workflows/retail-verify.yml')
  expect(workflow.on.schedule[0].cron).toMatch(/^\d+ \d+ \* \* \*$/)
  expect(workflow.permissions).toEqual({ contents: 'read' })
  expect(workflow.jobs.verify['timeout-minutes']).toBeLessThanOrEqual(60)
  const uses = steps.flatMap(({ uses }) => uses ?? [])
  expect(uses).toEqual([
    ...['actions/checkout@v4', 'actions/setup-node@v4', 'actions/setup-python@v5', 'actions/cache@v4'],
    'actions/upload-artifact@v4',
  ])
  expect(steps.at(-1)).toMatchObject({ if: 'always()', with: { path: 'verify.json' } })
  const node = steps.find(({ uses }) => uses?.startsWith('actions/setup-node'))?.with?.['node-version']
  expect(Number(node)).toBeGreaterThanOrEqual(20)
})

test('its steps run as shipped: green, from a damaged cache, too; red when a row is wrong', async () => {
  const [home, clones] = [freshFolder(), freshFolder()]
  mkdirSync(path.join(home, 'bin'))
  const written = workspace({ stores: 4, products: 30, lines: 10, to: '2024-01-10' })
  expect((await retail(written, 'init --yes --with ci --force')).code).toBe(0)
  // The runner has what the README says to commit.
  const add = /^git add .*$/m.exec(readme)![0].replace(/ && git push$/, '')
  const author = ['GIT_AUTHOR', 'GIT_COMMITTER'].flatMap((who) => [`${who}_NAME=A`, `${who}_EMAIL=a@b.example`])
  const cloned = await run(clones, 'bash', [
    ...['-c', `cd "$1" && git init -q && export ${author.join(' ')} && ${add} && git clone -q "$1" "$0/shop"`],
    ...[clones, written],
  ])
  expect(cloned.code, cloned.text).toBe(0)
  const shop = path.join(clones, 'shop')
  expect(readFileSync(path.join(shop, file), 'utf8')).toBe(text)

  const damage = () => {
    const month = path.join(shop, 'lake/transactions/month=2024-01')
    const part = path.join(month, readdirSync(month)[0])
    const bytes = readFileSync(part)
    bytes[Math.floor(bytes.length / 2)] ^= 0xff
    writeFileSync(part, bytes)
  }
  const green = async (round: string) => {
    const ran = await night(shop, home)
    for (const { step, ended } of ran) expect([round, step, ended.code], ended.text).toEqual([round, step, 0])
    expect(ran).toHaveLength(5)
    expect((JSON.parse(readFileSync(path.join(shop, 'verify.json'), 'utf8')) as { ok: boolean }).ok).toBe(true)
  }
  await green('the first night')

  // Only what the cache keeps comes along.
  const cached = steps
    .find(({ uses }) => uses?.startsWith('actions/cache'))!
    .with!.path.trim()
    .split('\n')
  expect(cached).toEqual(['lake', '.retail'])
  for (const name of readdirSync(shop))
    if (![...cached, 'retail.yaml', '.github', 'vendor', '.git'].includes(name))
      rmSync(path.join(shop, name), { recursive: true })
  damage()
  await green('a night whose cache was damaged')

  const ran = await night(shop, home, (step) => step.startsWith('retail verify') && damage())
  const { step, ended } = ran.at(-1)!
  expect([step, ended.code], ended.text).toEqual([expect.stringContaining('retail verify'), 6])
  expect((JSON.parse(readFileSync(path.join(shop, 'verify.json'), 'utf8')) as { ok: boolean }).ok).toBe(false)
})
