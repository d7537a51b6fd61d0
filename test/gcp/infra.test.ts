import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Peers, startPeers } from '../peers/peers.ts'
import { type Remembering, remembering } from '../peers/remembering.ts'
import { terraformPeer } from '../peers/terraform.ts'
import { json, type Run, retail, start, workspace } from '../tool.ts'

let peers: Peers
let storage: Remembering
let bigquery: Remembering
let env: Record<string, string>

beforeAll(async () => {
  peers = await startPeers()
  storage = await remembering(peers.env.STORAGE_EMULATOR_HOST)
  bigquery = await remembering(peers.env.RETAIL_BIGQUERY_ENDPOINT)
  env = {
    ...peers.env,
    ...(await terraformPeer()),
    STORAGE_EMULATOR_HOST: storage.url,
    RETAIL_BIGQUERY_ENDPOINT: bigquery.url,
  }
})
afterAll(async () => {
  await Promise.all([storage?.stop(), bigquery?.stop()])
  await peers?.stop()
})

interface Shop {
  folder: string
  bucket: string
  prefix: string
  run(line: string, more?: Record<string, string>): Promise<Run>
}

/** A workspace of target gcp with names of its own; what it made is destroyed when the test is over. */
function shop(): Shop {
  const folder = workspace({ stores: 3, products: 30, to: '2024-01-03' })
  const name = `shop${randomUUID().slice(0, 8)}`
  const file = path.join(folder, 'retail.yaml')
  const section = { project: peers.project, bucket: `${name}-lake`, dataset: name, prefix: name }
  writeFileSync(file, `${readFileSync(file, 'utf8')}target: gcp\ngcp: ${JSON.stringify(section)}\n`)
  const run = (line: string, more?: Record<string, string>) => retail(folder, line, { ...env, ...more })
  return { folder, bucket: section.bucket, prefix: name, run }
}

const succeed = async (run: Promise<Run>): Promise<Run> => {
  const ended = await run
  expect(ended.code, `${ended.stdout}\n${ended.stderr}`).toBe(0)
  return ended
}
const bucketThere = async (name: string) => (await fetch(`${storage.url}/storage/v1/b/${name}`)).status === 200
const dataset = (name: string) => `${bigquery.url}/bigquery/v2/projects/${peers.project}/datasets/${name}`

describe('from nothing, and back to nothing', () => {
  test.each(['', ' --skip-remote-state'])('infra%s', async (where) => {
    const { folder, bucket, prefix, run } = shop()
    expect(await run(`infra output${where}`)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('has no infrastructure yet'),
    })
    expect((await run(`infra plan --detailed-exitcode${where}`)).code).toBe(2)
    expect(await bucketThere(bucket)).toBe(false)

    const applied = await succeed(run(`infra apply --yes${where}`))
    expect(applied.stderr).toContain('Creation complete')
    expect(applied.stdout).toContain('17 added, 0 changed, 0 destroyed')
    expect(await bucketThere(bucket)).toBe(true)
    expect(await bucketThere(`${bucket}-tfstate`)).toBe(where === '')
    const { outputs } = await json<{ outputs: Record<string, unknown> }>(folder, `infra output${where}`, env)
    expect(outputs).toMatchObject({ bucket, datasets: { raw: `${prefix}_raw` }, dead_letter: `${prefix}-dead-letter` })

    const again = await run(`infra plan --detailed-exitcode${where}`)
    expect(again.code, again.stdout).toBe(0)

    // A load that replaces the rows leaves schema and descriptions as apply made them.
    if (where === '') {
      await succeed(run('seed-dims'))
      const seeded = await run('infra plan --detailed-exitcode')
      expect(seeded.code, seeded.stdout).toBe(0)
    }

    // What only the inventory can know: objects, and tables that terraform did not make.
    await fetch(`${storage.url}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=a/part`, {
      method: 'POST',
      body: 'rows',
    })
    await fetch(`${dataset(`${prefix}_marts`)}/tables`, {
      method: 'POST',
      body: JSON.stringify({
        tableReference: { projectId: peers.project, datasetId: `${prefix}_marts`, tableId: 'made_by_dbt' },
        schema: { fields: [{ name: 'x', type: 'INTEGER' }] },
      }),
    })
    const look = await succeed(run(`infra destroy --dry-run${where}`))
    expect(look.stdout).toMatch(new RegExp(`bucket +${bucket} +(1 object +4 bytes|9 objects)`))
    expect(look.stdout).toMatch(new RegExp(`table +${prefix}_marts.made_by_dbt +0 rows`))
    expect(await run(`infra destroy --yes${where}`)).toMatchObject({ code: 2 })
    expect(await run(`infra destroy --confirm another${where}`)).toMatchObject({ code: 2 })
    expect(await bucketThere(bucket)).toBe(true)

    const gone = await succeed(run(`infra destroy --confirm ${peers.project}${where}`))
    expect(gone.stderr).toContain(`${prefix}_marts.made_by_dbt`)
    expect(gone.stdout).toContain('Destroyed 17 resources')
    expect(await bucketThere(bucket)).toBe(false)
    expect((await fetch(dataset(`${prefix}_marts`))).status).toBe(404)
    expect((await run(`infra output${where}`)).code).toBe(3)
    expect((await succeed(run(`infra destroy --confirm ${peers.project}${where}`))).stdout).toContain(
      'Nothing to destroy',
    )
  })
})

test('OpenTofu is used if only OpenTofu exists; without both, it exits with 3 and says where to get one', async () => {
  const { folder, run } = shop()
  const tools = path.join(folder, 'tools')
  mkdirSync(tools)
  const none = await run('infra plan', { PATH: tools })
  expect(none).toMatchObject({ code: 3, stderr: expect.stringContaining('install Terraform') })
  // The same program by the other name: its command line is the same.
  const terraform = process.env.PATH!.split(':').map((dir) => path.join(dir, 'terraform'))
  symlinkSync(terraform.find((file) => existsSync(file))!, path.join(tools, 'tofu'))
  await succeed(run('infra plan', { PATH: tools }))
})

describe('what is not ours', () => {
  test('is not destroyed: a dataset whose label somebody removed', async () => {
    const { bucket, prefix, run } = shop()
    await succeed(run('infra apply --yes'))
    await fetch(dataset(`${prefix}_marts`), {
      method: 'PATCH',
      body: JSON.stringify({ labels: { 'managed-by': 'jo' } }),
    })
    const refused = await run(`infra destroy --confirm ${peers.project}`)
    expect(refused.stderr).toContain('nothing was destroyed')
    expect(refused.stderr).toContain('marts')
    expect(refused.code).toBe(2)
    expect(await bucketThere(bucket)).toBe(true)
  })

  test('is not taken over: a dataset of our name', async () => {
    const { prefix, run } = shop()
    await fetch(`${dataset('').slice(0, -1)}`, {
      method: 'POST',
      body: JSON.stringify({ datasetReference: { projectId: peers.project, datasetId: `${prefix}_marts` } }),
    })
    const refused = await run('infra apply --yes')
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain('that is not in the Terraform state')
  })
})

describe('an apply that is stopped', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('by %s lets terraform finish and save what it made', async (signal) => {
    const { folder, bucket, run } = shop()
    const held = storage.hold(new RegExp(`^POST /storage/v1/b\\?.*"${bucket}"`))
    const child = start(folder, 'infra apply --yes', env)
    await held.arrived
    child.kill(signal)
    await saysOnce(child, 'Finishing the current work')
    held.release()
    const ended = await child.ended
    expect(ended.code, ended.stderr).toBe(signal === 'SIGINT' ? 130 : 143)
    expect(ended.stderr).toContain('retail infra apply')
    const look = await succeed(run('infra destroy --dry-run'))
    expect(look.stdout).toContain(bucket)
    await succeed(run('infra apply --yes'))
    expect((await run('infra plan --detailed-exitcode')).code).toBe(0)
  })
})

describe('an apply that is cut short', () => {
  test('by SIGKILL of us goes on, and saves what it made: terraform does not die with us', async () => {
    const { folder, bucket, run } = shop()
    await succeed(run('infra plan'))
    const held = storage.hold(new RegExp(`^POST /storage/v1/b\\?.*"${bucket}"`))
    const child = start(folder, 'infra apply --yes', env)
    await held.arrived
    child.kill('SIGKILL')
    await child.ended
    held.release()
    await written(folder, /Apply complete! Resources: 17 added/)
    expect((await run('infra plan --detailed-exitcode')).code).toBe(0)
  })

  test('by a second signal ends now, and terraform with it; the next run tells how to take over what was made', async () => {
    const { folder, bucket, run } = shop()
    const held = storage.hold(new RegExp(`^POST /storage/v1/b\\?.*"${bucket}"`))
    const child = start(folder, 'infra apply --yes', env)
    await held.arrived
    child.kill('SIGINT')
    await saysOnce(child, 'Interrupt received')
    child.kill('SIGINT')
    expect((await child.ended).code).toBe(130)
    await written(folder, /Two interrupts received/)
    held.release()
    const refused = await run('infra apply --yes')
    expect(refused.stderr).toContain('that is not in the Terraform state')
    expect(refused.stderr).toContain('import')
  })
})

/** Resolves when terraform has written this to the log of the last run. */
async function written(folder: string, text: RegExp): Promise<void> {
  const logs = path.join(folder, '.retail/logs')
  const latest = () =>
    readdirSync(logs)
      .filter((name) => name.startsWith('infra-'))
      .sort(byNumber)
      .at(-1)!
  const byNumber = (a: string, b: string) => Number.parseInt(a.slice(6), 10) - Number.parseInt(b.slice(6), 10)
  await expect.poll(() => readFileSync(path.join(logs, latest()), 'utf8'), { timeout: 60_000 }).toMatch(text)
}

/** Resolves when a running tool has told this on stderr. */
function saysOnce(child: ReturnType<typeof start>, text: string): Promise<void> {
  return new Promise((resolve) => {
    let said = ''
    child.stderr!.on('data', (chunk) => {
      said += chunk
      if (said.includes(text)) resolve()
    })
  })
}
