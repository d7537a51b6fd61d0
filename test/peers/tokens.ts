import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A server that exchanges default credentials for access tokens, as Google's does, and a file of such credentials. */
export interface Tokens {
  /** What it answers. */
  token: string
  env: Record<string, string>
  /** The same with a key of the account stream@a-shop.iam.gserviceaccount.com. */
  keyEnv: Record<string, string>
  stop(): Promise<void>
}

const ACCOUNT = 'stream@a-shop.iam.gserviceaccount.com'

export async function startTokens(): Promise<Tokens> {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-tokens-'))
  const server = createServer((request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json')
    const about = { token_type: 'Bearer', issued_token_type: 'x', expires_in: 3600 }
    response.end(JSON.stringify({ ...about, access_token: tokens.token }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const file = path.join(folder, 'credentials.json')
  writeFileSync(
    file,
    JSON.stringify({
      type: 'external_account',
      audience: 'a',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${address}/token`,
      credential_source: { file },
    }),
  )
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keyFile = path.join(folder, 'key.json')
  writeFileSync(
    keyFile,
    JSON.stringify({
      ...{ type: 'service_account', project_id: 'a-shop', client_email: ACCOUNT, client_id: '1', private_key_id: '1' },
      ...{ private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }), token_uri: `${address}/token` },
    }),
  )
  const tokens: Tokens = {
    token: 'ya29.right',
    env: {
      GOOGLE_APPLICATION_CREDENTIALS: file,
      GOOGLE_MANAGED_KAFKA_AUTH_PRINCIPAL: ACCOUNT,
    },
    keyEnv: { GOOGLE_APPLICATION_CREDENTIALS: keyFile },
    stop: () =>
      new Promise((resolve) => {
        rmSync(folder, { recursive: true, force: true })
        server.close(() => resolve()).closeAllConnections()
      }),
  }
  return tokens
}
