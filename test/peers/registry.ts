import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import avro from 'avsc'

/** A schema registry in memory, which speaks the Confluent API as far as writers and readers of Avro need it, strictly. */
export interface Registry {
  readonly url: string
  /** The schema behind an id. */
  schema(id: number): object
  /** Ids by subject, in the order of versions. */
  readonly subjects: ReadonlyMap<string, readonly number[]>
  /** Requests that came: `POST /subjects/a-value/versions`. */
  readonly requests: string[]
  /** `user:password`; undefined: anybody. */
  user: string | undefined
  stop(): Promise<void>
}

type Answer = [status: number, body: object]
const JSON_TYPES = /^application\/(vnd\.schemaregistry\.v1\+json|vnd\.schemaregistry\+json|json)\b/
const MISSING_SUBJECT: Answer = [404, { error_code: 40401, message: 'Subject not found.' }]
const MISSING_SCHEMA: Answer = [404, { error_code: 40403, message: 'Schema not found' }]

export async function startRegistry(): Promise<Registry> {
  // The id of a schema is its place, from 1; the same schema has the same id in every subject.
  const schemas: string[] = []
  const subjects = new Map<string, number[]>()
  const requests: string[] = []

  function parsed(body: string): avro.Type | Answer {
    let schema: unknown
    try {
      schema = (JSON.parse(body) as { schema?: unknown }).schema
    } catch {
      return [400, { error_code: 400, message: 'Unable to process JSON' }]
    }
    try {
      return avro.Type.forSchema(JSON.parse(schema as string))
    } catch (error) {
      return [422, { error_code: 42201, message: `Invalid schema ${schema}: ${error}` }]
    }
  }

  function answerTo(method: string, path: string, body: string): Answer {
    const [, top, name, last] = path.split('/').map(decodeURIComponent)
    if (method === 'GET' && top === 'schemas' && name === 'ids') {
      const schema = schemas[Number(last) - 1]
      return schema ? [200, { schema }] : MISSING_SCHEMA
    }
    if (method !== 'POST' || top !== 'subjects' || !name || ![undefined, 'versions'].includes(last))
      return [404, { error_code: 404, message: 'HTTP 404 Not Found' }]
    const type = parsed(body)
    if (Array.isArray(type)) return type
    // The text also has what Avro ignores, such as descriptions.
    const text = JSON.stringify(JSON.parse((JSON.parse(body) as { schema: string }).schema))
    const ids = subjects.get(name)
    const id = schemas.indexOf(text) + 1
    if (last === undefined) {
      if (!ids) return MISSING_SUBJECT
      return ids.includes(id)
        ? [200, { subject: name, version: ids.indexOf(id) + 1, id, schema: text }]
        : MISSING_SCHEMA
    }
    const before = ids?.at(-1)
    if (before !== undefined && before !== id) {
      try {
        // BACKWARD: who reads with the new schema reads what was written with the one before.
        type.createResolver(avro.Type.forSchema(JSON.parse(schemas[before - 1])))
      } catch (error) {
        return [
          409,
          { error_code: 409, message: `Schema being registered is incompatible with an earlier schema: ${error}` },
        ]
      }
    }
    const taken = id > 0 ? id : schemas.push(text)
    if (!ids?.includes(taken)) subjects.set(name, [...(ids ?? []), taken])
    return [200, { id: taken }]
  }

  const registry = { user: undefined as string | undefined }
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request
    requests.push(`${method} ${url}`)
    const body = await textOf(request)
    const isUser = headers.authorization === `Basic ${Buffer.from(registry.user ?? '').toString('base64')}`
    const [status, answer]: Answer =
      registry.user !== undefined && !isUser
        ? [401, { error_code: 401, message: 'Unauthorized' }]
        : method === 'POST' && !JSON_TYPES.test(headers['content-type'] ?? '')
          ? [415, { error_code: 415, message: 'HTTP 415 Unsupported Media Type' }]
          : answerTo(method!, url!, body)
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(registry, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    schema: (id: number) => JSON.parse(schemas[id - 1]) as object,
    ...{ subjects, requests },
    stop: () => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections()),
  })
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
