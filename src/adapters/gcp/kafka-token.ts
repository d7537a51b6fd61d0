import { credentialsOf } from '../../config/credentials.ts'
import type { Config } from '../../config/schema.ts'
import { RetailError } from '../../errors.ts'
import { identityOf, SCOPE } from './clients.ts'
import { explainCloudError } from './retry.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The variable with which Google's own client libraries for Kafka name the account of a token. */
const PRINCIPAL = 'GOOGLE_MANAGED_KAFKA_AUTH_PRINCIPAL'
const HEADER = { typ: 'JWT', alg: 'GOOG_OAUTH2_TOKEN' }
const DOING = 'getting a token for Kafka'
/** An access token lives an hour; the client library replaces it before that. */
const LIFE_MS = 3_600_000

/**
 * Tokens for OAUTHBEARER with Google's default credentials, or the account to impersonate. Google's brokers take no
 * plain access token, but three parts in base64url, separated by dots: a header, claims with the email address of the
 * account, and the access token (kafka-auth-local-server in github.com/googleapis/managedkafka). The first token is
 * fetched at once, so that missing credentials are reported before anything is sent.
 */
export async function kafkaTokens(settings: Pick<Config, 'workspace' | 'gcp'>, env: Environment) {
  const { GoogleAuth } = await import('google-auth-library')
  const identity = await identityOf({ credentials: credentialsOf(settings, env) })
  const auth = new GoogleAuth({ ...identity, scopes: SCOPE })
  let account: string | undefined

  async function next(): Promise<string> {
    const client = await auth.getClient()
    const { token } = await client.getAccessToken()
    if (!token) throw new Error('Google returned no access token')
    account ??= env[PRINCIPAL] || (await accountOf(auth, token))
    const now = Date.now()
    return kafkaToken({ token, account, now, expires: client.credentials.expiry_date ?? now + LIFE_MS })
  }
  const explained = () =>
    next().catch((error) => {
      throw explainCloudError(error, DOING)
    })
  await explained()
  return explained
}

/** Instants in milliseconds since 1970. */
export function kafkaToken({
  token,
  account,
  now,
  expires,
}: {
  token: string
  account: string
  now: number
  expires: number
}): string {
  const claims = {
    exp: Math.floor(expires / 1000),
    iss: 'Google',
    iat: Math.floor(now / 1000),
    scope: 'kafka',
    sub: account,
  }
  const parts = [JSON.stringify(HEADER), JSON.stringify(claims), token]
  return parts.map((part) => Buffer.from(part).toString('base64url')).join('.')
}

/** The email address of the account: of a service account, or of a person who is logged in. */
async function accountOf(auth: InstanceType<typeof import('google-auth-library').GoogleAuth>, token: string) {
  const { client_email } = await auth.getCredentials()
  if (client_email) return client_email
  const { OAuth2Client } = await import('google-auth-library')
  const { email } = await new OAuth2Client().getTokenInfo(token)
  if (email) return email
  throw new RetailError('not_allowed', 'nobody knows whose credentials these are', {
    why: "Google's brokers want the email address of the account",
    hint: `set ${PRINCIPAL} to it, or impersonate a service account: GOOGLE_IMPERSONATE_SERVICE_ACCOUNT=ACCOUNT`,
  })
}
