import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

const STATES = ['PENDING', 'RUNNING']

/** A query job as it was posted. */
export interface PostedJob {
  id: string
  query: string
}

export interface JobHooks {
  /** Before the server sees the job. */
  before?(job: PostedJob): Promise<void>
  /** When the server has run it, and the client does not know yet. */
  after?(job: PostedJob): Promise<void>
  /** Whether the client never learns what became of this job. */
  loses?(job: PostedJob): boolean
}

export interface JobProxy {
  url: string
  jobs: PostedJob[]
  stop(): Promise<void>
}

/**
 * A proxy of BigQuery that follows query jobs. Four rules that the emulator lacks: a job id is used once (409 "duplicate",
 * "Run jobs programmatically"); a job is pending and running before it is done ("Jobs", status.state; the emulator's are done at
 * once), which is shown of ours, whose ids are known; TRUNCATE is undone with its transaction ("Multi-statement
 * transactions"), for which it sends DELETE instead; and a table that requires a filter of its partitions refuses a query without one
 * ("Query partitioned tables").
 */
export async function jobProxy(target: string, hooks: JobHooks = {}): Promise<JobProxy> {
  const jobs: PostedJob[] = []
  const lost = new Set<string>()
  /** The states that a job still shows, one for each time somebody looks. */
  const shows = new Map<string, string[]>()
  const server = createServer(async (incoming, answer) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const { method, url = '/', headers } = incoming
    let body = Buffer.concat(chunks)
    const refuse = (status: number, message: string, reason = 'planted') =>
      answer
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { code: status, message, errors: [{ reason, message }] } }))
    if ([...lost].some((id) => url.includes(`/${id}`))) return refuse(404, 'planted: nobody knows this job')
    const job = method === 'POST' && /\/(jobs|queries)(\?|$)/.test(url) ? jobIn(body) : undefined
    if (job && lost.has(job.id)) return refuse(409, 'planted: the job exists already')
    if (job?.id && jobs.some(({ id }) => id === job.id))
      return refuse(409, `Already Exists: Job ${job.id}`, 'duplicate')
    const unfiltered = job && readsWithoutTime(job.query)
    if (unfiltered !== undefined)
      return refuse(
        400,
        `Cannot query over table '${unfiltered}' without a filter over column(s) 'timestamp' that can be used for partition elimination`,
        'invalidQuery',
      )
    if (job) {
      jobs.push(job)
      if (job.id.startsWith('retail_')) shows.set(job.id, [...STATES])
      body = Buffer.from(withUndoableTruncate(`${body}`))
      await hooks.before?.(job)
    }
    const own = { ...headers, host: new URL(target).host, ...(job && { 'content-length': String(body.length) }) }
    const outgoing = request(target + url, { method, headers: own }, async (reply) => {
      if (job) {
        const parts: Buffer[] = []
        for await (const part of reply) parts.push(part as Buffer)
        await hooks.after?.(job)
        if (hooks.loses?.(job)) {
          lost.add(job.id)
          return void incoming.socket.resetAndDestroy()
        }
        const { 'transfer-encoding': _, ...rest } = reply.headers
        const all = Buffer.concat(parts)
        return void answer.writeHead(reply.statusCode ?? 500, { ...rest, 'content-length': all.length }).end(all)
      }
      const looked = method === 'GET' ? /\/jobs\/([^/?]+)(\?|$)/.exec(url)?.[1] : undefined
      const state = looked === undefined ? undefined : shows.get(looked)?.shift()
      if (state !== undefined && reply.statusCode === 200) {
        const parts: Buffer[] = []
        for await (const part of reply) parts.push(part as Buffer)
        const told = Buffer.from(JSON.stringify({ ...JSON.parse(`${Buffer.concat(parts)}`), status: { state } }))
        return void answer
          .writeHead(200, { 'content-type': 'application/json', 'content-length': told.length })
          .end(told)
      }
      answer.writeHead(reply.statusCode ?? 500, reply.headers)
      reply.pipe(answer)
    })
    outgoing.on('error', () => answer.destroy())
    outgoing.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    jobs,
    stop: () => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()),
  }
}

const FACT = /[\w-]+_raw`?\.`?(transactions|inventories)`/g

/**
 * A fact of raw that a query reads without a condition on the time right behind its name. BigQuery may find one that is farther
 * away; it documents that only for views.
 */
export function readsWithoutTime(query: string): string | undefined {
  const text = query.replaceAll(/\/\*[\s\S]*?\*\//g, '')
  for (const { 0: name, 1: table, index } of text.matchAll(FACT))
    if (!/^\s+where\s+`timestamp`\s*[<>=]/i.test(text.slice(index + name.length))) return table
  return undefined
}

export const withUndoableTruncate = (text: string): string =>
  text.replaceAll(/truncate table (`[^`]+`)/g, 'delete from $1 where true')

function jobIn(body: Buffer): PostedJob | undefined {
  const posted = JSON.parse(`${body}` || '{}') as {
    query?: string
    requestId?: string
    jobReference?: { jobId?: string }
    configuration?: { query?: { query?: string } }
  }
  const query = posted.configuration?.query?.query ?? posted.query
  return query === undefined ? undefined : { id: posted.jobReference?.jobId ?? posted.requestId ?? '', query }
}
