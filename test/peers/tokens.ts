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
  stop(): Promise<void>
}

export async function startTokens(): Promise<Tokens> {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-tokens-'))
  const server = createServer((request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json')
    const about = { token_type: 'Bearer', issued_token_type: 'x', expires_in: 3600 }
    response.end(JSON.stringify({ ...about, access_token: tokens.token }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const file = path.join(folder, 'credentials.json')
  writeFileSync(
    file,
    JSON.stringify({
      type: 'external_account',
      audience: 'a',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
      credential_source: { file },
    }),
  )
  const tokens: Tokens = {
    token: 'ya29.right',
    env: {
      GOOGLE_APPLICATION_CREDENTIALS: file,
      GOOGLE_MANAGED_KAFKA_AUTH_PRINCIPAL: 'stream@a-shop.iam.gserviceaccount.com',
    },
    stop: () =>
      new Promise((resolve) => {
        rmSync(folder, { recursive: true, force: true })
        server.close(() => resolve()).closeAllConnections()
      }),
  }
  return tokens
}
