import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../src/config/load.ts'
import { monthlyCost } from '../src/pipeline/infra/cost.ts'
import type { InfraApplyOptions, InfraDestroyOptions } from '../src/pipeline/infra.ts'
import type { DestroyPlan, InfraPlanResult } from '../src/pipeline/results.ts'
import { cloudWith, freshFolder, retail, type Visit } from '../test/front-door.ts'
import type { Prompts } from './ui/prompts.ts'

const head = { target: 'gcp', project: 'a-shop', state: 'gs://bbb-tfstate' } as const
const outputs = { bucket: 'bbb', datasets: { raw: 'retail_raw' }, job: null }
const destroyPlan: DestroyPlan = {
  project: 'a-shop',
  kinds: [
    { kind: 'bucket', count: 1 },
    { kind: 'table', count: 1 },
  ],
  buckets: [{ name: 'bbb', objects: 1, sizeBytes: 4096 }],
  tables: [{ name: 'retail_raw.transactions', rows: 1_234_567, sizeBytes: undefined }],
  subscriptions: ['retail-transactions-load'],
  unknown: [],
}

/** A project with a pending change; `lost` is the data that the change would destroy. */
function project(lost: string[] = []): { cwd: string; done: string[]; verbs: Visit['verbs'] } {
  const cwd = freshFolder()
  writeFileSync(path.join(cwd, 'retail.yaml'), 'target: gcp\ngcp: { project: a-shop, bucket: bbb }\n')
  const { config } = loadConfig({ cwd, env: {} })
  const counts = { add: 1, change: 0, destroy: lost.length }
  const plan: InfraPlanResult = {
    ...head,
    action: 'plan',
    changed: true,
    changes: { ...counts, kinds: [{ kind: 'bucket', ...counts }], lost },
    cost: monthlyCost(config, config.gcp!, 16),
  }
  const done: string[] = []
  const verbs: Visit['verbs'] = {
    infraPlan: async () => plan,
    infraOutput: async () => ({ ...head, action: 'output', outputs }),
    targetOf: cloudWith({ inventory: async () => async () => ({ buckets: [], datasets: [] }) }),
    async infraApply(_ports: unknown, _config: unknown, { consent }: InfraApplyOptions) {
      await consent(plan)
      done.push('apply')
      return { ...head, action: 'apply', changes: plan.changes, outputs, seconds: 61 }
    },
    async infraDestroy(_ports: unknown, _config: unknown, { consent, dryRun = false }: InfraDestroyOptions) {
      if (!dryRun) await consent(destroyPlan)
      if (!dryRun) done.push('destroy')
      return { ...head, action: 'destroy', dryRun, destroyPlan, destroyed: dryRun ? 0 : 2, seconds: 61 }
    },
  }
  return { cwd, done, verbs }
}

/** A person who answers every question so; undefined when the answer is not taken. */
function person(answer: string): Prompts & { asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    async select(message, choices) {
      asked.push(message)
      return choices.find(({ name }) => name === answer)!.value
    },
    several: async () => [],
    async input(message, _preset, check) {
      asked.push(message)
      const verdict = check(answer)
      if (verdict !== true) throw new Error(`not taken: ${verdict}`)
      return answer
    },
  }
}

describe('retail infra', () => {
  test.each([
    'infra plan',
    'infra apply --yes',
    'infra output',
    'infra destroy --dry-run',
    'infra destroy --confirm a-shop',
  ])('%s is told so', async (line) => {
    const { cwd, verbs } = project()
    expect(await retail(line, { cwd, verbs })).toMatchSnapshot()
  })

  test('plan --detailed-exitcode tells changes apart', async () => {
    const { cwd, verbs } = project()
    expect((await retail('infra plan --detailed-exitcode', { cwd, verbs })).code).toBe(2)
    expect((await retail('infra plan', { cwd, verbs })).code).toBe(0)
  })

  test('apply asks for a yes', async () => {
    const { cwd, verbs, done } = project()
    expect((await retail('infra apply', { cwd, verbs, terminal: true, prompts: person('Cancel') })).code).toBe(130)
    expect(done).toEqual([])
    expect((await retail('infra apply', { cwd, verbs, terminal: true, prompts: person('Apply') })).code).toBe(0)
    expect(done).toEqual(['apply'])
  })

  test('apply that would lose data wants the project id, and --yes is not enough', async () => {
    const { cwd, verbs, done } = project(['module.lake.google_storage_bucket.this'])
    const refused = await retail('infra apply --yes', { cwd, verbs })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('retail infra apply --confirm a-shop')
    const hasty = await retail('infra apply', { cwd, verbs, terminal: true, prompts: person('yes') })
    expect(hasty.stderr).toContain('not taken: type a-shop, or press Ctrl-C')
    expect(done).toEqual([])
    expect((await retail('infra apply', { cwd, verbs, terminal: true, prompts: person('a-shop') })).code).toBe(0)
    expect((await retail('infra apply --confirm a-shop', { cwd, verbs })).code).toBe(0)
    expect(done).toEqual(['apply', 'apply'])
  })

  test('destroy shows what would go and wants the project id typed', async () => {
    const { cwd, verbs, done } = project()
    const hasty = person('yes')
    expect((await retail('infra destroy', { cwd, verbs, terminal: true, prompts: hasty })).stderr).toContain(
      '1,234,567 rows',
    )
    expect(hasty.asked).toEqual(['Type the project id (a-shop) to destroy all of this'])
    expect(done).toEqual([])
    expect((await retail('infra destroy', { cwd, verbs, terminal: true, prompts: person('a-shop') })).code).toBe(0)
    expect(done).toEqual(['destroy'])
  })

  test('a key in the workspace is refused before anybody is asked', async () => {
    const { cwd } = project()
    writeFileSync(path.join(cwd, 'key.json'), '{}')
    const { code, stderr } = await retail('infra plan --credentials key.json', { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('is inside the workspace')
  })
})

test('infra image where nothing can use one is wrong usage, not a success', async () => {
  const cwd = freshFolder()
  writeFileSync(path.join(cwd, 'retail.yaml'), 'target: local\n')
  const { code, stderr } = await retail('infra image', { cwd })
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('target local has no image') })
  expect((await retail('infra plan', { cwd })).code).toBe(0)
})
