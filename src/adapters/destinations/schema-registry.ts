import { RetailError } from '../../errors.ts'
import { connectionRefusal, isPassing, unanswered } from './http-failures.ts'
import { innermost, isUnknownHost, LeaveAlone, OPENING_MS, Patience, unknownHost } from './patience.ts'

const RESPONSE_MS = 3_000
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'
/** Of the schema, not of the subject. */
const NOT_THERE = 404
const CONFLICT = 409

interface Answer {
  id?: number
  message?: string
}

/**
 * The ids that a registry of the Confluent form has for schemas, by subject. A schema that it lacks is registered, so
 * a user who may only read suffices where somebody else has registered it. Rejects within ten seconds if nothing
 * answers.
 */
export async function registeredIds(
  url: string,
  schemas: ReadonlyMap<string, object>,
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal | undefined },
): Promise<number[]> {
  const location = `the schema registry ${url}`
  const patience = new Patience(location, signal, (error) =>
    isUnknownHost(innermost(error))
      ? unknownHost(location, innermost(error))
      : connectionRefusal(location, new URL(url).protocol, error),
  )
  const headers = { 'content-type': CONTENT_TYPE, accept: CONTENT_TYPE, ...authorizationOf(env) }

  async function ask(path: string, schema: object): Promise<Answer & { status: number }> {
    const response = await fetch(`${url}/subjects/${path}`, {
      method: 'POST',
      body: JSON.stringify({ schema: JSON.stringify(schema) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(RESPONSE_MS),
      headers,
    }).catch((error) => {
      throw unanswered(error, RESPONSE_MS)
    })
    const { status } = response
    const answer = answerOf(await response.text())
    if (response.ok || status === NOT_THERE) return { ...answer, status }
    if (status !== CONFLICT && isPassing(status)) throw new LeaveAlone(`it answers ${status}`, 0)
    throw refused(location, status, answer)
  }

  return await patience.keepTrying(async () => {
    const ids: number[] = []
    for (const [subject, schema] of schemas) {
      const name = encodeURIComponent(subject)
      const known = await ask(name, schema)
      const answer = known.status === NOT_THERE ? await ask(`${name}/versions`, schema) : known
      if (answer.id === undefined) throw refused(location, answer.status, answer)
      ids.push(answer.id)
    }
    return ids
  }, OPENING_MS)
}

function authorizationOf(env: NodeJS.ProcessEnv): { authorization?: string } {
  const { RETAIL_REGISTRY_USERNAME: user, RETAIL_REGISTRY_PASSWORD: password, RETAIL_REGISTRY_TOKEN: token } = env
  if (token) return { authorization: `Bearer ${token}` }
  return user ? { authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` } : {}
}

function answerOf(text: string): Answer {
  try {
    return JSON.parse(text) as Answer
  } catch {
    // It is no registry, or a proxy answers for it.
    return { message: text.split('\n')[0].slice(0, 200) }
  }
}

function refused(location: string, status: number, { message }: Answer): RetailError {
  const why = `it answers ${status}${message ? `: ${message}` : ''}`
  if (status === 401 || status === 403)
    return new RetailError('not_allowed', `${location} refuses the credentials`, {
      why,
      hint: 'set RETAIL_REGISTRY_USERNAME and RETAIL_REGISTRY_PASSWORD, or RETAIL_REGISTRY_TOKEN',
    })
  if (status === CONFLICT)
    return new RetailError('refused', `${location} has an incompatible schema for these topics`, {
      why,
      hint: 'use other topics: add prefix=NAME to the address; or change the compatibility of the subject',
    })
  return new RetailError('refused', `${location} does not take the schemas`, {
    why,
    hint: 'check the address: it is the one behind which /subjects is',
  })
}
