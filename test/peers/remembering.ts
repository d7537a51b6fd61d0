import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'

type Document = Record<string, unknown>

export interface Remembering {
  url: string
  /** Keeps the first call back whose `METHOD /path body` matches. */
  hold(call: RegExp): { arrived: Promise<void>; release(): void }
  stop(): Promise<void>
}

/**
 * A proxy of an emulator that drops half of what it receives: labels, location, and access of a bucket, and descriptions of a
 * dimension's columns. It stores the body that created or changed a bucket or table, and merges it into the responses about it,
 * as Google would return them. A load with WRITE_TRUNCATE gives a table the schema of its files, without descriptions
 * (BigQuery API, "Job", writeDisposition): then the table has what the emulator says. Everything else passes unchanged.
 */
export async function remembering(target: string): Promise<Remembering> {
  const told = new Map<string, Document>()
  const held: { call: RegExp; come: () => void; released: Promise<void> }[] = []
  const server = createServer(async (incoming, answer) => {
    const { method = 'GET', url = '/', headers } = incoming
    const body = await bytesOf(incoming)
    const hold = held.findIndex(({ call }) => call.test(`${method} ${url} ${body}`))
    if (hold >= 0) {
      const [{ come, released }] = held.splice(hold, 1)
      come()
      await released
    }
    const outgoing = request(target + url, { method, headers: { ...headers, host: new URL(target).host } })
    outgoing.on('error', () => answer.destroy())
    outgoing.on('response', async (response) => {
      const bytes = await bytesOf(response)
      const ok = (response.statusCode ?? 500) < 300
      const key = ok ? keyOf(method, url.split('?')[0], body) : undefined
      const own = { ...response.headers, 'transfer-encoding': undefined, 'content-length': undefined }
      const kept = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
      if (ok) for (const table of truncatedBy(method, url, body)) told.delete(table)
      if (key !== undefined && method === 'DELETE') told.delete(key)
      else if (key !== undefined) {
        if (body.length > 0) told.set(key, { ...told.get(key), ...(JSON.parse(`${body}`) as Document) })
        const full = Buffer.from(JSON.stringify({ ...(JSON.parse(`${bytes}`) as Document), ...told.get(key) }))
        answer.writeHead(response.statusCode ?? 200, { ...kept, 'content-length': full.length }).end(full)
        return
      }
      answer.writeHead(response.statusCode ?? 500, { ...kept, 'content-length': bytes.length }).end(bytes)
    })
    outgoing.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold(call) {
      let come = () => {}
      let release = () => {}
      const arrived = new Promise<void>((resolve) => (come = resolve))
      const released = new Promise<void>((resolve) => (release = resolve))
      held.push({ call, come, released })
      return { arrived, release }
    },
    stop: () => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()),
  }
}

/** The path of the table that a load job replaces, with its schema. */
function truncatedBy(method: string, url: string, body: Buffer): string[] {
  const [, project] = /^(.*\/projects\/[^/]+)\/jobs(\?|$)/.exec(url) ?? []
  if (method !== 'POST' || project === undefined) return []
  const { configuration } = JSON.parse(`${body}`) as {
    configuration?: {
      load?: { writeDisposition?: string; destinationTable: { datasetId: string; tableId: string } }
    }
  }
  if (configuration?.load?.writeDisposition !== 'WRITE_TRUNCATE') return []
  const { datasetId, tableId } = configuration.load.destinationTable
  return [`${project}/datasets/${datasetId}/tables/${tableId}`]
}

/** The path of the bucket or table that a call is about; undefined for any other call. */
function keyOf(method: string, path: string, body: Buffer): string | undefined {
  if (/^\/storage\/v1\/b\/[^/]+$|\/tables\/[^/]+$/.test(path)) return path
  if (method !== 'POST') return undefined
  if (/^\/storage\/v1\/b$/.test(path)) return `${path}/${(JSON.parse(`${body}`) as { name: string }).name}`
  if (!path.endsWith('/tables')) return undefined
  return `${path}/${(JSON.parse(`${body}`) as { tableReference: { tableId: string } }).tableReference.tableId}`
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
