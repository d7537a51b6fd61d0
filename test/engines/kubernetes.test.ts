import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { partHashes } from '../lake-hash.ts'
import { json, type Run, retail, start, workspace } from '../tool.ts'
import { freshFolder, run } from './packed.ts'
import { engine } from './python.ts'

interface Pod {
  spec: { containers: { args: string[]; env: { name: string; value: string }[]; resources: object }[] }
}
interface Job {
  completions?: number
  backoffLimit: number
  podFailurePolicy?: { rules: { onExitCodes: { values: number[] } }[] }
  template: Pod
}
interface Resource {
  kind: string
  metadata: { name: string }
  spec: Job & { jobTemplate: { spec: Job } }
}

const FILES = ['backfill', 'dimensions', 'nightly', 'stream', 'verdict', 'verify'].map((name) => `${name}.yaml`)
const world = { stores: 16, products: 80, lines: 30, to: '2024-02-20' }

async function written(flags = ''): Promise<string> {
  const folder = workspace(world)
  const { code, stderr } = await retail(folder, `init --yes --force --skip-checks --with kubernetes ${flags}`)
  expect(code, stderr).toBe(0)
  expect(readdirSync(path.join(folder, 'kubernetes')).sort()).toEqual(['README.md', ...FILES].sort())
  expect(existsSync(path.join(folder, 'Dockerfile'))).toBe(true)
  return folder
}

/** The resources of a file, by name. */
function resourcesIn(folder: string, file: string): Record<string, Resource> {
  const text = readFileSync(path.join(folder, 'kubernetes', file), 'utf8')
  const all = parseAllDocuments(text).map((document) => document.toJS() as Resource)
  return Object.fromEntries(all.map((resource) => [`${resource.kind} ${resource.metadata.name}`, resource]))
}

const VALIDATE = `
import sys, yaml, kubernetes_validate
for name in sys.argv[1:]:
    for document in yaml.safe_load_all(open(name)):
        for version in ("1.29", kubernetes_validate.latest_version()):
            kubernetes_validate.validate(document, version, strict=True)
            print(document["kind"], version)
`

describe('the files for a cluster', () => {
  test.each([
    ['local', ''],
    ['gcp', '--target gcp --project some-project-1 --bucket some-bucket-1'],
  ])('are what Kubernetes takes, on target %s', async (_, flags) => {
    const folder = await written(flags)
    const python = await engine('test/engines/kubernetes.lock')
    const files = FILES.map((file) => path.join(folder, 'kubernetes', file))
    const { code, text } = await run(folder, python, ['-c', VALIDATE, ...files])
    expect(code, text).toBe(0)
    expect(text.trim().split('\n')).toHaveLength(2 * 8)
    for (const file of files) expect(readFileSync(file, 'utf8'), file).not.toMatch(/@RETAIL/)
  })

  test('are refused if they name a field that does not exist', async () => {
    const folder = await written()
    const python = await engine('test/engines/kubernetes.lock')
    const wrong = VALIDATE.replace('kubernetes_validate.validate(', 'document["spec"]["completion"] = 1; $&')
    const { code, text } = await run(folder, python, ['-c', wrong, path.join(folder, 'kubernetes/backfill.yaml')])
    expect([code, text]).toEqual([1, expect.stringContaining("'completion' was unexpected")])
  })

  test('run as written: the tasks of each Job, some of them killed, make the bytes and the verdict of one machine', async () => {
    const folder = await written()
    const volume = freshFolder()
    copyFileSync(path.join(folder, 'retail.yaml'), path.join(volume, 'retail.yaml'))
    const job = (file: string, name: string) => resourcesIn(folder, file)[`Job ${name}`].spec
    await complete(volume, job('dimensions.yaml', 'retail-seed-dims'))
    const backfill = job('backfill.yaml', 'retail-backfill')
    expect(backfill).toMatchObject({ completionMode: 'Indexed', completions: 8, parallelism: 8 })
    await complete(volume, backfill, [2, 5])

    const single = workspace(world)
    await retail(single, 'backfill')
    expect(partHashes(volume)).toEqual(partHashes(single))

    const nightly = resourcesIn(folder, 'nightly.yaml')
    await complete(volume, nightly['CronJob retail-transform'].spec.jobTemplate.spec)
    await complete(volume, job('verify.yaml', 'retail-verify'), [3])
    const [verdict] = await complete(volume, job('verdict.yaml', 'retail-verdict'))
    const { stdout } = await retail(volume, 'verify')
    const first = (text: string) => text.split('\n')[0].replace(/in [\d.]+ s/, '')
    expect(first(verdict.stdout)).toBe(first(stdout))

    const [{ args, env }] = resourcesIn(folder, 'stream.yaml')['Deployment retail-stream'].spec.template.spec.containers
    const streaming = start(volume, args, environmentOf(env))
    while (!existsSync(path.join(volume, 'lake/live')) && streaming.exitCode === null) await sleep(20)
    streaming.kill('SIGTERM')
    expect(await streaming.ended).toMatchObject({ code: 143 })
    await complete(volume, nightly['CronJob retail-verify-nightly'].spec.jobTemplate.spec)
    expect(await json(volume, 'status')).toMatchObject({ code: 0 })
  })

  test('a verdict over wrong data is not tried again', async () => {
    const folder = await written()
    const { podFailurePolicy } = resourcesIn(folder, 'verdict.yaml')['Job retail-verdict'].spec
    await retail(folder, 'seed-dims')
    await retail(folder, 'backfill')
    const { code } = await retail(folder, 'verify --merge')
    expect(podFailurePolicy!.rules[0].onExitCodes.values).toContain(code)
  })
})

const environmentOf = (env: readonly { name: string; value: string }[]) =>
  Object.fromEntries(env.map(({ name, value }) => [name, value]))

/** What the Job controller does, on this machine: a task that fails starts again. `killed`: these, once, at once. */
async function complete(volume: string, job: Job, killed: readonly number[] = []): Promise<Run[]> {
  const { completions = 1, backoffLimit } = job
  const [{ args, env }] = job.template.spec.containers
  let retries = 0
  const why: string[] = []
  async function task(index: number): Promise<Run> {
    for (let attempt = 0; ; attempt++) {
      const indexed: Record<string, string> = completions > 1 ? { JOB_COMPLETION_INDEX: `${index}` } : {}
      const pod = start(volume, args, { ...environmentOf(env), ...indexed })
      if (attempt === 0 && killed.includes(index)) pod.kill('SIGKILL')
      const ended = await pod.ended
      if (ended.code === 0) return ended
      why.push(`${index}: ${ended.code} ${ended.signal} ${ended.stderr}`)
      expect(++retries, `${args.join(' ')}, task ${index}: ${ended.stderr}`).toBeLessThanOrEqual(backoffLimit)
    }
  }
  const ended = await Promise.all(Array.from({ length: completions }, (_, index) => task(index)))
  expect(retries, why.join('\n')).toBe(killed.length)
  return ended
}
