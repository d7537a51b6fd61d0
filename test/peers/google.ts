import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Peers } from './peers.ts'

type Document = Record<string, unknown>

export interface Google {
  /** For terraform and for our tool: no emulator is configured, so both believe that this is Google. */
  env: Record<string, string>
  /** `METHOD /path` of every call, in order. */
  calls: string[]
  /** What exists, by path. */
  things: ReadonlyMap<string, Document>
  /** Refuses the next calls that match, with these messages. */
  refuse(call: RegExp, status: number, ...messages: string[]): void
  stop(): Promise<void>
}

/** Paths of our server, by the variable with which the provider finds a service. */
const SERVICES = {
  ARTIFACT_REGISTRY: 'registry/v1/',
  BIG_QUERY: 'bigquery/v2/',
  BIGQUERY_CONNECTION: 'connection/v1/',
  BILLING_BUDGETS: 'budgets/v1/',
  CLOUD_RUN_V2: 'run/v2/',
  CLOUD_SCHEDULER: 'scheduler/v1/',
  CLOUD_BILLING: 'billing/v1/',
  IAM_BETA: 'iam/v1/',
  MANAGED_KAFKA: 'kafka/v1/',
  KMS: 'kms/v1/',
  MONITORING: 'monitoring/',
  PUBSUB: 'pubsub/v1/',
  RESOURCE_MANAGER: 'manager/v1/',
  RESOURCE_MANAGER_V3: 'manager/v3/',
  SERVICE_USAGE: 'usage/v1/',
  STORAGE: 'storage/v1/',
} as const
/** What we call ourselves, by the variable of gcloud. */
const OVERRIDES = {
  ARTIFACTREGISTRY: 'registry/',
  CLOUDBUILD: 'builds/',
  CLOUDRESOURCEMANAGER: 'manager/',
  CLOUDBILLING: 'billing/',
  RUN: 'run/',
  SERVICEUSAGE: 'usage/',
  STORAGE: 'storage/',
}
const NUMBER = '123'
/** The account that Google makes for a connection. */
const CONNECTED = `bqcx-${NUMBER}-a@gcp-sa-bigquery-condel.iam.gserviceaccount.com`
const DEFAULT_ACCESS = [{ role: 'OWNER', specialGroup: 'projectOwners' }]
/** Where a topic is no operation that takes long. */
const LONG_RUNNING = /^\/(run|registry)\/|^\/kafka\/.*\/clusters(\/[^/]+)?$/

/**
 * Google as far as terraform and `retail infra` ask it. Data services are the emulators; their IAM, and every other service,
 * is a store of documents: POST creates, PATCH and PUT change, GET reads, DELETE removes, and a policy is what was set last. It
 * checks nothing, so it shows that a configuration can be applied, planned again without a difference, and destroyed.
 */
export async function startGoogle(peers: Pick<Peers, 'project' | 'env'>): Promise<Google> {
  const { project } = peers
  const things = new Map<string, Document>()
  const policies = new Map<string, Document>()
  const enabled = new Set<string>()
  const calls: string[] = []
  const refusals: { call: RegExp; status: number; messages: string[] }[] = []
  let made = 0

  const emulators: Record<string, string> = {
    storage: peers.env.STORAGE_EMULATOR_HOST,
    bigquery: peers.env.RETAIL_BIGQUERY_ENDPOINT,
    pubsub: `http://${peers.env.PUBSUB_EMULATOR_HOST}`,
  }

  /** The answer to a call; undefined: an emulator has it. */
  function answer(
    method: string,
    path: string,
    query: URLSearchParams,
    body: Document,
  ): [number, Document] | undefined {
    const policy = /^(.*?)(?::(get|set)IamPolicy|\/iam)$/.exec(path)
    if (policy) {
      const [, at, verb] = policy
      const set = verb === 'set' || method === 'PUT'
      if (set) policies.set(at, { etag: `e${++made}`, ...((body.policy as Document) ?? body) })
      return [200, policies.get(at) ?? { etag: 'none' }]
    }
    if (path.startsWith('/usage/')) return usage(path, body)
    if (/^\/manager\/(v1|v3)\/projects\/[^/]+$/.test(path))
      return [
        200,
        {
          projectNumber: NUMBER,
          projectId: project,
          lifecycleState: 'ACTIVE',
          name: `projects/${NUMBER}`,
          state: 'ACTIVE',
        },
      ]
    if (path.endsWith('/billingInfo')) return [200, { billingAccountName: 'billingAccounts/1', billingEnabled: true }]
    if (path.startsWith('/iam/')) return account(method, path, body)
    if (path.startsWith('/storage/v1/projects/'))
      return [200, { email_address: `service-${NUMBER}@gs-project-accounts.iam.gserviceaccount.com` }]
    if (path.endsWith('/serviceAccount'))
      return [200, { email: `bq-${NUMBER}@bigquery-encryption.iam.gserviceaccount.com` }]
    if (path.startsWith('/builds/')) return build(method, path, body)
    if (body.externalDataConfiguration || things.get(path)?.externalDataConfiguration)
      return external(method, path, body)
    if (emulators[path.split('/')[1]]) return undefined
    return document(method, path, query, body)
  }

  function usage(path: string, body: Document): [number, Document] {
    if (path.endsWith(':batchEnable')) for (const id of body.serviceIds as string[]) enabled.add(id)
    const one = /services\/([^/:]+):enable$/.exec(path)?.[1]
    if (one) enabled.add(one)
    if (path.endsWith('services'))
      return [
        200,
        { services: [...enabled].map((name) => ({ name: `projects/${NUMBER}/services/${name}`, state: 'ENABLED' })) },
      ]
    return [200, { name: 'operations/usage', done: true, response: {} }]
  }

  function account(method: string, path: string, body: Document): [number, Document] {
    if (method === 'POST') {
      const email = `${body.accountId}@${project}.iam.gserviceaccount.com`
      const name = `projects/${project}/serviceAccounts/${email}`
      const document = { ...(body.serviceAccount as Document), name, email, projectId: project, uniqueId: `${++made}` }
      things.set(`/iam/v1/${name}`, document)
      return [200, document]
    }
    return document(
      method,
      path.replace('/projects/-/', `/projects/${project}/`),
      new URLSearchParams(),
      (body.serviceAccount as Document) ?? body,
    )
  }

  /** A table over files elsewhere, which the emulator of BigQuery would look for on its disk. */
  function external(method: string, path: string, body: Document): [number, Document] {
    if (method !== 'POST') return document(method, path, new URLSearchParams(), body)
    const { tableId } = body.tableReference as { tableId: string }
    things.set(`${path}/${tableId}`, { ...body, type: 'EXTERNAL' })
    return [200, things.get(`${path}/${tableId}`)!]
  }

  /** A build is done at once; its image is kept under its tag. */
  function build(method: string, path: string, body: Document): [number, Document] {
    if (method === 'GET') return document(method, path, new URLSearchParams(), body)
    const [image] = body.images as string[]
    const [, region, , repository, name, tag] = /^([\w-]+)-docker\.([\w.]+)\/[^/]+\/([^/]+)\/([^:]+):(.+)$/.exec(image)!
    const digest = `sha256:${'d'.repeat(64)}`
    const at = `projects/${project}/locations/${region}/repositories/${repository}/packages/${name}`
    things.set(`/registry/v1/${at}/tags/${tag}`, { name: `${at}/tags/${tag}`, version: `${at}/versions/${digest}` })
    const id = `build-${++made}`
    const document_ = {
      ...body,
      id,
      status: 'SUCCESS',
      logUrl: 'https://example.com/log',
      results: { images: [{ digest }] },
    }
    things.set(`${path}/${id}`, document_)
    return [200, { metadata: { build: { ...document_, status: 'QUEUED' } } }]
  }

  function document(method: string, path: string, query: URLSearchParams, body: Document): [number, Document] {
    const done = (document: Document): [number, Document] =>
      LONG_RUNNING.test(path) && method !== 'GET'
        ? [200, { name: `operations/${made}`, done: true, response: document }]
        : [200, document]
    const [, of] = /^(.+):\w+$/.exec(path) ?? []
    if (method === 'POST' && of !== undefined && things.has(of)) return done(things.get(of)!)
    if (method === 'POST') {
      const id =
        query.get('jobId') ??
        query.get('repository_id') ??
        query.get('workerPoolId') ??
        query.get('clusterId') ??
        query.get('connectionId') ??
        query.get('topicId') ??
        `${++made}`
      const collection = path.replace(/^\/\w+\/(v\d\/)?/, '')
      const name = typeof body.name === 'string' && body.name.includes('/') ? body.name : `${collection}/${id}`
      const document = {
        ...body,
        name,
        ...(/^\/connection\//.test(path) && { cloudResource: { serviceAccountId: CONNECTED } }),
        ...(/^\/run\//.test(path) && { terminalCondition: { state: 'CONDITION_SUCCEEDED' } }),
      }
      things.set(`${/^\/\w+\/(v\d\/)?/.exec(path)![0]}${name}`, document)
      return done(document)
    }
    const known = things.get(path)
    if (!known) return [404, { error: { code: 404, message: `not found: ${path}` } }]
    if (method === 'DELETE') things.delete(path)
    if (method === 'PATCH' || method === 'PUT') things.set(path, { ...known, ...body })
    return done(things.get(path) ?? {})
  }

  const server = createServer(async (incoming, outgoing) => {
    const { method = 'GET', url = '/', headers } = incoming
    const bytes = await bytesOf(incoming)
    const { pathname, searchParams } = new URL(url, 'http://google')
    calls.push(`${method} ${pathname}`)
    const say = ([status, body]: [number, Document]) =>
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (pathname === '/token')
      return say([200, { access_token: 'fake', token_type: 'Bearer', issued_token_type: 'x', expires_in: 3600 }])
    const refused = refusals.find(({ call, messages }) => messages.length > 0 && call.test(`${method} ${pathname}`))
    if (refused)
      return say([
        refused.status,
        { error: { code: refused.status, message: refused.messages.shift(), status: 'PERMISSION_DENIED' } },
      ])
    const isUpload = pathname.startsWith('/storage/upload/')
    const body = bytes.length > 0 && !isUpload ? (JSON.parse(`${bytes}`) as Document) : {}
    const own = isUpload ? undefined : answer(method, pathname, searchParams, body)
    if (own) return say(own)
    const [, service] = pathname.split('/')
    // The storage emulator has uploads beside its API; the two others have their own name in the path, or none.
    const rest =
      service === 'bigquery'
        ? url
        : url
            .slice(service.length + 1)
            .replace(/^\/v1\/b/, '/storage/v1/b')
            .replace(/^\/upload/, '/upload')
    forward(`${emulators[service]}${rest}`, method, headers, bytes, outgoing, (text) =>
      remember(method, pathname, body, text),
    )
  })

  /** The emulators drop what a dataset says about access and encryption, and labels of a bucket. */
  function remember(method: string, path: string, body: Document, text: string): string {
    const made = method === 'POST' ? newPath(path, body) : path
    if (!made || !/\/(datasets|tables|topics|subscriptions|b)\/[^/]+$/.test(made)) return text
    if (method === 'DELETE') return things.delete(made) ? text : text
    if (method !== 'GET') things.set(made, { ...things.get(made), ...body })
    const access = /\/datasets\/[^/]+$/.test(made) && { access: DEFAULT_ACCESS }
    const known = things.get(made)
    const location = /\/b\/[^/]+$/.test(made) && known && { location: String(known.location).toUpperCase() }
    return JSON.stringify({ ...(JSON.parse(text || '{}') as Document), ...access, ...known, ...location })
  }
  const newPath = (path: string, body: Document): string | undefined => {
    const { datasetReference, tableReference, name } = body as {
      datasetReference?: { datasetId: string }
      tableReference?: { tableId: string }
      name?: string
    }
    const id = datasetReference?.datasetId ?? tableReference?.tableId ?? (path.endsWith('/b') ? name : undefined)
    return id && `${path}/${id}`
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    env: {
      ...Object.fromEntries(
        Object.entries(SERVICES).map(([name, path]) => [`GOOGLE_${name}_CUSTOM_ENDPOINT`, base + path]),
      ),
      ...Object.fromEntries(
        Object.entries(OVERRIDES).map(([name, path]) => [`CLOUDSDK_API_ENDPOINT_OVERRIDES_${name}`, base + path]),
      ),
      RETAIL_TOKEN_URL: `${base}token`,
    },
    calls,
    things,
    refuse: (call, status, ...messages) => void refusals.push({ call, status, messages }),
    stop: () => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()),
  }
}

function forward(
  to: string,
  method: string,
  headers: IncomingMessage['headers'],
  body: Buffer,
  outgoing: ServerResponse,
  edit: (text: string) => string,
): void {
  const call = request(to, { method, headers: { ...headers, host: new URL(to).host } }, async (reply) => {
    const text = `${await bytesOf(reply)}`
    const ok = (reply.statusCode ?? 500) < 300
    const edited = ok ? edit(text) : text
    outgoing
      .writeHead(reply.statusCode ?? 500, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(edited),
      })
      .end(edited)
  })
  call.on('error', () => outgoing.destroy())
  call.end(body)
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
