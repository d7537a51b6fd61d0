import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { cloudWith, freshFolder, retail } from '../test/front-door.ts'
import type { Prompts } from './ui/prompts.ts'

const CANARY = 'canary-4711-must-never-be-seen'

/** A home folder in which gcloud has a project, a region and a login. */
function home({ login = true, project = 'a-shop', quota = 'a-shop' } = {}): Record<string, string> {
  const folder = freshFolder()
  mkdirSync(path.join(folder, '.config/gcloud/configurations'), { recursive: true })
  const file = (name: string, text: string) => writeFileSync(path.join(folder, '.config/gcloud', name), text)
  file('active_config', 'work')
  file(
    'configurations/config_work',
    `[core]\naccount = jo@example.com\n${project && `project = ${project}\n`}\n[compute]\nregion = europe-west4\n`,
  )
  if (login)
    file(
      'application_default_credentials.json',
      JSON.stringify({
        type: 'authorized_user',
        client_id: CANARY,
        client_secret: CANARY,
        refresh_token: CANARY,
        quota_project_id: quota,
      }),
    )
  return { HOME: folder }
}

const lacking =
  (...permissions: string[]) =>
  async () =>
  async () =>
    permissions
const configOf = (cwd: string) => readFileSync(path.join(cwd, 'retail.yaml'), 'utf8')
const tell = (
  { code, stdout, stderr }: { code: number; stdout: string; stderr: string },
  env: Record<string, string>,
) => `exit ${code}\n${stdout}${stderr}`.replaceAll(env.HOME, '<home>')

describe('retail init --target gcp --yes', () => {
  test('takes project and region from gcloud, and checks what comes next', async () => {
    const [cwd, env] = [freshFolder(), home()]
    const told = await retail('init --target gcp --yes', {
      cwd,
      env,
      verbs: { targetOf: cloudWith({ permissions: lacking() }) },
    })
    expect(tell(told, env)).toMatchSnapshot()
    expect(configOf(cwd)).toMatchSnapshot()
    const again = /retail (init .*)/.exec(told.stdout)![1]
    expect((await retail(`${again} --skip-checks`, { cwd, env })).stdout).toContain('Nothing to change')
  })

  test.each([
    ['nobody is logged in', { login: false }, lacking()],
    ['the quota project is another', { quota: 'another-shop' }, lacking()],
    ['roles are missing', {}, lacking('pubsub.topics.create', 'iam.serviceAccounts.create')],
  ])('names the fix when %s', async (_name, machine, permissions) => {
    const [cwd, env] = [freshFolder(), home(machine)]
    const told = await retail('init --target gcp --yes', { cwd, env, verbs: { targetOf: cloudWith({ permissions }) } })
    expect(tell(told, env)).toMatchSnapshot()
    expect(configOf(cwd)).toContain('project: a-shop')
  })

  test('asks for billing, and for the rights that the options of infra.tfvars need', async () => {
    const [cwd, env] = [freshFolder(), home()]
    writeFileSync(path.join(cwd, 'infra.tfvars'), '# alerts = {}\njob = {\n  tasks = 4\n}\nspark = null\n')
    const asked: string[] = []
    const permissions = async () => async (wanted: readonly string[]) => {
      asked.push(...wanted)
      return wanted.filter((each) => /^run|actAs/.test(each))
    }
    const unpaid = cloudWith({ permissions, billed: async () => false })
    const told = await retail('init --target gcp --yes', { cwd, env, verbs: { targetOf: unpaid } })
    expect(tell(told, env)).toMatchSnapshot()
    expect(asked.filter((each) => /monitoring|compute/.test(each))).toEqual([])
    const silent = cloudWith({
      permissions: lacking(),
      billed: async () => {
        throw new Error('the API is off')
      },
    })
    const unknown = await retail('init --target gcp --yes', { cwd, env, verbs: { targetOf: silent } })
    expect([unknown.code, unknown.stdout]).toEqual([0, expect.stringContaining('unknown: the API is off')])
  })

  test('takes every answer as a flag, and asks nobody with --skip-checks', async () => {
    const cwd = freshFolder()
    const line =
      'init --target gcp --project b-shop --location EU --region europe-west1 --bucket b-lake --dataset b --ingest subscription --max-bytes-billed 1GiB --stream-stop-after 30m --skip-checks --yes'
    expect((await retail(line, { cwd, env: home() })).code).toBe(0)
    for (const text of ['project: b-shop', 'location: EU', 'bucket: b-lake', 'max_bytes_billed: 1073741824'])
      expect(configOf(cwd)).toContain(text)
    for (const text of ['region: europe-west1', 'dataset: b ', 'ingest: subscription', 'stream_stop_after: 30m'])
      expect(configOf(cwd)).toContain(text)
  })

  test('invents no project', async () => {
    const cwd = freshFolder()
    const told = await retail('init --target gcp --yes', { cwd, env: home({ project: '', quota: '' }) })
    expect(told).toMatchSnapshot()
    expect(readdirSync(cwd)).toEqual([])
  })

  test.each(['--credentials key.json', ''])('refuses a key in the workspace%s', async (flag) => {
    const cwd = freshFolder()
    writeFileSync(path.join(cwd, 'key.json'), JSON.stringify({ type: 'service_account', private_key: CANARY }))
    const env = { ...home(), ...(flag === '' && { GOOGLE_APPLICATION_CREDENTIALS: path.join(cwd, 'key.json') }) }
    const told = await retail(`init --target gcp --yes ${flag}`, { cwd, env })
    expect(told.code).toBe(2)
    expect(told.stderr).toContain('is inside the workspace')
    expect(readdirSync(cwd)).toEqual(['key.json'])
    expect(JSON.stringify(told)).not.toContain(CANARY)
  })
})

test('the wizard asks what the cloud needs, with what was found as the answers', async () => {
  const cwd = freshFolder()
  const asked: string[] = []
  const jo: Prompts = {
    async select(message, choices, preset) {
      asked.push(message)
      const wanted = { 'Where should the data go?': 'Google Cloud', 'Ready?': 'Write' }[message]
      return (
        choices.find(({ name, value }) => (wanted ? name.startsWith(wanted) : value === preset))?.value ??
        choices[0].value
      )
    },
    several: async (_message, _choices, preset) => [...preset],
    async input(message, preset, check) {
      asked.push(`${message}: ${preset}`)
      const answer = message.startsWith('Project id') ? 'c-shop' : preset
      expect(check('!')).not.toBe(true)
      expect(check(answer)).toBe(true)
      return answer
    },
  }
  const visit = {
    cwd,
    env: home(),
    terminal: true,
    prompts: jo,
    verbs: { targetOf: cloudWith({ permissions: lacking() }) },
  }
  const told = await retail('init', visit)
  expect(told.code, told.stderr).toBe(0)
  expect(asked).toMatchSnapshot()
  expect(configOf(cwd)).toContain('bucket: c-shop-retail')
})
