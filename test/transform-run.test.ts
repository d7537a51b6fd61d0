import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { RunStepResult } from '../src/pipeline/results.ts'
import { json, retail, start, workspace } from './tool.ts'

const TEMPLATE = path.resolve(import.meta.dirname, '../templates/airflow/airflow/dags/retail_models.json')

const step = (folder: string, line: string) => json<RunStepResult>(folder, `transform --run ${line}`)

async function ok(folder: string, line: string): Promise<void> {
  const { code, stderr } = await retail(folder, line)
  expect(code, stderr).toBe(0)
}

async function refused(folder: string, line: string, why: string): Promise<void> {
  const database = readFileSync(path.join(folder, 'retail.duckdb'))
  const { code, stderr } = await retail(folder, `transform --run ${line}`)
  expect([code, stderr]).toEqual([3, expect.stringContaining(why)])
  expect(readFileSync(path.join(folder, 'retail.duckdb')).equals(database)).toBe(true)
}

async function verified(folder: string, until: string): Promise<void> {
  expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true, marts: { live: until } })
}

test('commands of a run build what one transform builds, through kills, repeats, and a lake that grows', async () => {
  const folder = workspace({ stores: 3, products: 20, lines: 20, to: '2024-01-10' })
  for (const line of ['seed-dims', 'backfill', 'transform', 'stream --speed max --until 2024-01-12T06:00:00Z'])
    await ok(folder, line)
  // A task of each model, before any build: what the templates say is what dbt reads.
  expect(readFileSync(path.join(folder, '.retail/dbt/models.json'), 'utf8')).toBe(readFileSync(TEMPLATE, 'utf8'))

  const begun = await step(folder, 'a/1 --begin')
  expect(begun).toMatchObject({ code: 0, unchanged: false, tests: 45, published: false })
  expect(begun.models.length).toBe(15)
  const names = begun.models.map(({ name }) => name)
  await refused(folder, 'a/1 --model daily_sales', 'needs stg_product, which the run a/1 has not built yet')
  await refused(folder, 'a/1 --publish', 'has not built 15 of its 15 models')
  await refused(folder, 'b --model stg_product', 'there is no build of the run b')
  await ok(folder, 'stream --speed max --until 2024-01-12T09:00:00Z')

  const most = `a/1 --model ${names.slice(0, -1).join(' ')}`
  const killed = start(folder, `transform --run ${most}`)
  killed.stderr!.on(
    'data',
    (text) =>
      void (`${text}`.includes('OK created sql incremental model marts.monthly_stock') && killed.kill('SIGKILL')),
  )
  expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' })
  await refused(folder, 'a/1 --publish', 'has not built 15 of its 15 models')
  const built = await step(folder, most)
  expect(built).toMatchObject({ code: 0, failed: [], already: false })
  expect(await step(folder, most)).toMatchObject({ code: 0, already: true, tests: 0 })
  await refused(folder, 'a/1 --publish', `has not built 1 of its 15 models\n  ${names.at(-1)}: not built`)
  const last = await step(folder, `a/1 --model ${names.at(-1)}`)
  expect(last.tests + built.tests).toBe(45)
  expect(await step(folder, 'a/1 --publish')).toMatchObject({ code: 0, published: true, already: false })
  await verified(folder, '2024-01-12T06:00:00Z')
  expect(await step(folder, 'a/1 --publish')).toMatchObject({ code: 0, published: true, already: true })
  expect(await step(folder, `a/1 --model ${names[0]}`)).toMatchObject({ code: 0, already: true })

  // What the lake had at the beginning is written again, then another transform publishes.
  await step(folder, 'b --begin')
  rmSync(path.join(folder, 'lake/transactions/month=2024-01/block-000-through-10.parquet'))
  await ok(folder, 'repair')
  await refused(folder, 'b --model stg_inventories', 'files of the lake that it builds from have changed')
  await ok(folder, 'transform')
  await refused(folder, 'b --model stg_inventories', 'another transform has published since it began')
  await refused(folder, 'a/1 --publish', 'there is no build of the run a/1')
  await verified(folder, '2024-01-12T09:00:00Z')
})

test('a run with a test that fails does not publish, and its model is built again', async () => {
  const folder = workspace({ stores: 3, products: 20, lines: 20, to: '2024-01-02' })
  for (const line of ['init --with dbt --yes --force', 'seed-dims', 'backfill']) await ok(folder, line)
  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder, 'dbt', name)), { recursive: true })
    writeFileSync(path.join(folder, 'dbt', name), text)
  }
  rmSync(path.join(folder, 'dbt/models'), { recursive: true })
  write('models/answer.sql', 'select 1 as one')
  write('tests/answer_is_two.sql', `select one from {{ ref('answer') }} where one <> 2`)
  const begun = await step(folder, 'n --begin')
  expect(begun.models.map(({ name }) => name)).toContain('answer')
  expect(await step(folder, 'n --model answer')).toMatchObject({
    code: 1,
    failed: ['answer_is_two'],
    failures: [{ file: 'dbt/tests/answer_is_two.sql' }],
  })
  const before = await retail(folder, 'transform --run n --publish')
  expect([before.code, before.stderr]).toEqual([3, expect.stringContaining('has not built 16 of its 16 models')])
  write('models/answer.sql', 'select 2 as one')
  const { code, stderr } = await retail(folder, 'transform --run n --model answer')
  expect([code, stderr]).toEqual([3, expect.stringContaining('the dbt project has changed')])
})
