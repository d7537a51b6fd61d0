import { readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import type { BaseOptions, SASLOptions } from '@platformatic/kafka'
import type { Config } from '../../config/schema.ts'
import type { KafkaPlace } from '../../config/where.ts'
import { RetailError } from '../../errors.ts'
import { reasonOf } from './patience.ts'

const CONNECT_MS = 3_000
const REQUEST_MS = 15_000

/**
 * What every client of the cluster needs. `workspace`: a file with secrets inside it is refused. `google`: where its
 * credentials are.
 */
export async function clientOptions(
  place: KafkaPlace,
  env: Readonly<Record<string, string | undefined>>,
  { workspace, google }: { workspace: string | undefined; google: Pick<Config, 'workspace' | 'gcp'> },
): Promise<BaseOptions> {
  const sasl =
    place.sasl === 'google'
      ? {
          mechanism: MECHANISMS.oauthbearer,
          token: await (await import('../gcp/kafka-token.ts')).kafkaTokens(google, env),
        }
      : place.sasl && saslOf(place, place.sasl, secretsOf(place, env, workspace))
  return {
    clientId: 'retail',
    bootstrapBrokers: [...place.brokers],
    connectTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    // Patience repeats, and says so.
    retries: 0,
    ...(place.tls && { tls: place.ca ? { ca: readSecret(place.ca, 'ca') } : {} }),
    ...(sasl && { sasl }),
  }
}

interface Secrets {
  username?: string | undefined
  password?: string | undefined
  token?: string | undefined
}

const MECHANISMS = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
  oauthbearer: 'OAUTHBEARER',
} as const

function saslOf(
  { location }: KafkaPlace,
  sasl: keyof typeof MECHANISMS,
  { username, password, token }: Secrets,
): SASLOptions {
  const lacks = sasl === 'oauthbearer' ? !token : !username || !password
  if (lacks)
    throw new RetailError('not_allowed', `there are no credentials for ${location}`, {
      why: `sasl=${sasl} needs ${sasl === 'oauthbearer' ? 'a token' : 'a user name and a password'}`,
      hint:
        sasl === 'oauthbearer'
          ? "set RETAIL_KAFKA_TOKEN, or name a file outside the workspace: credentials=FILE; for Google's default credentials: sasl=google"
          : 'set RETAIL_KAFKA_USERNAME and RETAIL_KAFKA_PASSWORD, or name a file outside the workspace: credentials=FILE',
    })
  return { mechanism: MECHANISMS[sasl], username, password, token }
}

function secretsOf(
  { credentials }: KafkaPlace,
  env: Readonly<Record<string, string | undefined>>,
  workspace: string | undefined,
): Secrets {
  if (credentials === undefined)
    return {
      username: env.RETAIL_KAFKA_USERNAME,
      password: env.RETAIL_KAFKA_PASSWORD,
      token: env.RETAIL_KAFKA_TOKEN,
    }
  const text = readSecret(credentials, 'credentials')
  const inside = workspace && path.relative(realpathSync(workspace), realpathSync(credentials))
  if (inside !== undefined && !inside.startsWith('..') && !path.isAbsolute(inside))
    throw new RetailError('bad_config', `the credentials file ${credentials} is inside the workspace`, {
      why: 'workspaces get committed and copied, which would leak the password',
      hint: 'move it to another folder',
    })
  try {
    return JSON.parse(text) as Secrets
  } catch (error) {
    throw new RetailError('bad_config', `the credentials file ${credentials} is not JSON`, {
      hint: 'it has username and password, or token: {"username": "…", "password": "…"}',
      cause: error,
    })
  }
}

function readSecret(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new RetailError('bad_config', `${option}=${file} cannot be read`, {
      why: reasonOf(error),
      hint: 'name another file',
      cause: error,
    })
  }
}

/** Names of all errors in an error: `TOPIC_AUTHORIZATION_FAILED`, `PLT_KFK_AUTHENTICATION`. */
export function namesOf(error: unknown): string[] {
  const { code, apiId, cause, errors } = Object(error) as Record<string, unknown>
  const inner = [...(Array.isArray(errors) ? errors : []), ...(cause ? [cause] : [])]
  return [code, apiId, ...inner.flatMap(namesOf)].filter((name) => typeof name === 'string')
}

/** The first of our own errors in an error. */
export function retailErrorIn(error: unknown): RetailError | undefined {
  if (error instanceof RetailError) return error
  const { cause, errors } = Object(error) as Record<string, unknown>
  const inner = [...(Array.isArray(errors) ? errors : []), ...(cause ? [cause] : [])]
  return inner.map(retailErrorIn).find((each) => each !== undefined)
}
