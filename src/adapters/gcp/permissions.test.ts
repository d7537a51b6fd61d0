import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freshFolder } from '../../../test/front-door.ts'
import { loadConfig } from '../../config/load.ts'
import { openPermissions } from './permissions.ts'

const CANARY = 'canary-4711-must-never-be-seen'

/** Google as far as it is asked: gives a token for another one, and knows what may be done. */
async function google(answer: { status: number; body: object }): Promise<{ url: string; tokens: string[] }> {
  const tokens: string[] = []
  const server = createServer((request, response) => {
    const exchange = request.url === '/token'
    if (!exchange) tokens.push(request.headers.authorization ?? '')
    const body = exchange
      ? { access_token: CANARY, issued_token_type: 'x', token_type: 'Bearer', expires_in: 3600 }
      : answer.body
    response.writeHead(exchange ? 200 : answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tokens }
}

async function ask(answer: { status: number; body: object }): Promise<{ lacking: string[]; tokens: string[] }> {
  const { url, tokens } = await google(answer)
  const folder = freshFolder()
  mkdirSync(path.join(folder, 'shop'))
  writeFileSync(path.join(folder, 'subject'), CANARY)
  const credentials = path.join(folder, 'credentials.json')
  writeFileSync(
    credentials,
    JSON.stringify({
      type: 'external_account',
      audience: 'a',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${url}/token`,
      credential_source: { file: path.join(folder, 'subject') },
    }),
  )
  const overrides = { target: 'gcp', 'gcp.project': 'a-shop', 'gcp.bucket': 'a-lake', 'gcp.credentials': credentials }
  const { config } = loadConfig({ cwd: path.join(folder, 'shop'), env: {}, overrides })
  const find = await openPermissions(config, { CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER: `${url}/` })
  return { lacking: await find(['a.b.create', 'c.d.create']), tokens }
}

const refusal = (code: number, message: string) => ({ status: code, body: { error: { code, message } } })

test('what is not granted is lacking', async () => {
  expect(await ask({ status: 200, body: { permissions: ['c.d.create'] } })).toEqual({
    lacking: ['a.b.create'],
    tokens: [`Bearer ${CANARY}`],
  })
  expect((await ask({ status: 200, body: {} })).lacking).toHaveLength(2)
})

test.each([
  [refusal(403, 'The caller does not have permission'), 'cloud_denied', 'gcloud projects list'],
  [refusal(403, 'API has not been used in project a-shop before or it is disabled.'), 'missing', 'services enable'],
  [refusal(401, `Request had invalid credentials: Bearer ${CANARY}`), 'cloud_denied', 'gcloud auth'],
  [refusal(503, 'Backend error'), 'failed', 'again'],
])('%o is reported with its fix, and without a token', async (answer, code, hint) => {
  const error = await ask(answer).catch((error: unknown) => error)
  expect(error).toMatchObject({ code, hint: expect.stringContaining(hint) })
  const { message, why, hint: told } = error as { message: string; why: string; hint: string }
  expect(`${message} ${why} ${told}`).not.toContain(CANARY)
})
