import { createServer, type IncomingMessage, type OutgoingHttpHeaders, request, type ServerResponse } from 'node:http'
import {
  connect,
  createServer as createServer2,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import type { Peers } from './peers.ts'

/**
 * What happens to a call: `reset` breaks the connection before the server sees it, `lost` when it has done it and begins to answer;
 * `hang` never answers; `status` answers in its place, with an HTTP status or a gRPC code and Google's word for the reason; `edit` changes
 * the body of an HTTP answer.
 */
export type Fault =
  | 'reset'
  | 'hang'
  | 'lost'
  | { status: number; reason?: string }
  | { slowMs: number }
  | { edit: (body: string) => string }
  /** gRPC: the server does not see the call, and this message is the answer to its first request. */
  | { answer: Uint8Array }

export interface FaultProxy {
  /** host:port */
  address: string
  /** every call that came, and when by the monotonic clock */
  calls: { what: string; atMs: number }[]
  /** How many calls match. */
  count(match: RegExp): number
  /** From now on, for this many calls whose `METHOD /path` matches; the first matching rule decides. */
  fault(match: RegExp, fault: Fault, times?: number): void
  /** Calls go through again. Those that hang stay so. */
  heal(): void
  stop(): Promise<void>
}

/** A proxy of an emulator that makes calls fail: `http` for REST, `grpc` for gRPC without TLS. */
export function faultProxy(kind: 'http' | 'grpc', target: string): Promise<FaultProxy> {
  const rules: { match: RegExp; fault: Fault; left: number }[] = []
  const calls: FaultProxy['calls'] = []
  const decide = (what: string): Fault | undefined => {
    calls.push({ what, atMs: performance.now() })
    const rule = rules.find(({ match, left }) => left > 0 && match.test(what))
    if (rule) rule.left--
    return rule?.fault
  }
  return listen(kind === 'http' ? httpSide(target, decide) : grpcSide(target, decide), {
    calls,
    count: (match) => calls.filter(({ what }) => match.test(what)).length,
    fault: (match, fault, times = Number.POSITIVE_INFINITY) => void rules.push({ match, fault, left: times }),
    heal: () => void rules.splice(0),
  })
}

/** One proxy before each server of the emulators, and the environment of a tool that goes through them. */
export async function faultyPeers(peers: Peers) {
  const [storage, pubsub, bigquery, writes] = await Promise.all([
    faultProxy('http', peers.env.STORAGE_EMULATOR_HOST),
    faultProxy('grpc', `http://${peers.env.PUBSUB_EMULATOR_HOST}`),
    faultProxy('http', peers.env.RETAIL_BIGQUERY_ENDPOINT),
    faultProxy('grpc', `http://${peers.env.RETAIL_BIGQUERY_STORAGE_ENDPOINT}`),
  ])
  const all = [storage, pubsub, bigquery, writes]
  return {
    ...{ storage, pubsub, bigquery, writes },
    env: {
      STORAGE_EMULATOR_HOST: `http://${storage.address}`,
      PUBSUB_EMULATOR_HOST: pubsub.address,
      RETAIL_BIGQUERY_ENDPOINT: `http://${bigquery.address}`,
      RETAIL_BIGQUERY_STORAGE_ENDPOINT: writes.address,
    },
    heal: () => all.forEach((proxy) => void proxy.heal()),
    stop: () => Promise.all(all.map((proxy) => proxy.stop())),
  }
}

export type FaultyPeers = Awaited<ReturnType<typeof faultyPeers>>

/** The largest number of matching calls in any window of this many milliseconds. */
export function mostWithin({ calls }: FaultProxy, match: RegExp, ms: number): number {
  const times = calls.filter(({ what }) => match.test(what)).map(({ atMs }) => atMs)
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + ms).length))
}

type Decide = (what: string) => Fault | undefined

interface Side {
  server: ReturnType<typeof createServer> | ReturnType<typeof createServer2>
  /** ends what is connected */
  cut(): void
}

async function listen(
  { server, cut }: Side,
  rest: Pick<FaultProxy, 'calls' | 'count' | 'fault' | 'heal'>,
): Promise<FaultProxy> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    ...rest,
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      cut()
      for (const socket of sockets) socket.destroy()
      return closed
    },
  }
}

function httpSide(target: string, decide: Decide): Side {
  const { host } = new URL(target)
  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = incoming
    const fault = decide(`${method} ${url}`)
    if (fault === 'reset') return void incoming.socket.resetAndDestroy()
    const body = await bytesOf(incoming)
    if (fault === 'hang') return
    if (typeof fault === 'object' && 'status' in fault) {
      const { status, reason = 'backendError' } = fault
      const error = { code: status, message: `planted ${reason}`, errors: [{ reason, message: `planted ${reason}` }] }
      return void outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
    }
    if (typeof fault === 'object' && 'slowMs' in fault) await after(fault.slowMs)
    const call = request(target + url, { method, headers: { ...headers, host } })
    call.on('error', () => outgoing.destroy())
    call.on('response', async (response) => {
      if (fault === 'lost') {
        await bytesOf(response).catch(() => {})
        return void incoming.socket.resetAndDestroy()
      }
      const own = ownHeaders(response.headers, incoming.headers.host ?? '', host)
      if (typeof fault === 'object' && 'edit' in fault) {
        const edited = Buffer.from(fault.edit(`${await bytesOf(response)}`))
        return void outgoing
          .writeHead(response.statusCode ?? 500, { ...own, 'content-length': edited.length })
          .end(edited)
      }
      outgoing.writeHead(response.statusCode ?? 500, own)
      response.on('error', () => outgoing.destroy())
      response.pipe(outgoing)
    })
    call.end(body)
  }
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing).catch(() => outgoing.destroy()))
  server.requestTimeout = 0
  return { server, cut: () => server.closeAllConnections() }
}

/** An address that the server gives for what follows must lead through the proxy, too. */
function ownHeaders(headers: OutgoingHttpHeaders, ours: string, theirs: string): OutgoingHttpHeaders {
  const { 'transfer-encoding': _, location, ...rest } = headers
  return location === undefined ? rest : { ...rest, location: String(location).replace(theirs, ours) }
}

const UNTOLD = ['connection', 'transfer-encoding', 'keep-alive']

function grpcSide(target: string, decide: Decide): Side {
  const server = createServer2()
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    const upstream = connect(target)
    upstream.on('error', () => session.destroy())
    upstream.on('close', () => session.destroy())
    sessions.add(session)
    session.on('error', () => {})
    session.on('close', () => {
      sessions.delete(session)
      upstream.destroy()
    })
    session.on('stream', (stream, headers) => void forward(stream, headers).catch(() => session.destroy()))

    async function forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
      stream.on('error', () => {})
      const fault = decide(`${headers[':method']} ${headers[':path']}`)
      if (fault === 'reset') return session.destroy()
      if (fault === 'hang') return void stream.resume()
      if (typeof fault === 'object' && 'status' in fault) {
        stream.resume()
        const { status, reason = 'planted' } = fault
        const trailers = { 'grpc-status': String(status), 'grpc-message': reason }
        return void stream.respond(
          { ':status': 200, 'content-type': 'application/grpc', ...trailers },
          { endStream: true },
        )
      }
      if (typeof fault === 'object' && 'answer' in fault) return answerWith(stream, fault.answer)
      if (typeof fault === 'object' && 'slowMs' in fault) await after(fault.slowMs)
      if (stream.destroyed || upstream.destroyed) return session.destroy()
      const own = Object.entries(headers).filter(([name]) => !UNTOLD.includes(name))
      const call = upstream.request({ ...Object.fromEntries(own), ':authority': new URL(target).host })
      call.on('error', () => stream.close())
      stream.on('close', () => call.close())
      call.on('response', (answer, flags) => {
        if (fault === 'lost') return flags & 1 ? session.destroy() : void call.once('data', () => session.destroy())
        if (stream.destroyed) return
        // Only trailers: the end of a call that failed.
        if (flags & 1) return stream.respond(answer, { endStream: true })
        stream.respond(answer, { waitForTrailers: true })
        let trailers: OutgoingHttpHeaders = {}
        call.on('trailers', (last) => (trailers = last))
        stream.on('wantTrailers', () => stream.sendTrailers(trailers))
        call.pipe(stream)
      })
      stream.pipe(call)
    }
  })
  return { server, cut: () => sessions.forEach((session) => void session.destroy()) }
}

/** A frame of gRPC: not compressed, the length, the message. */
function answerWith(stream: ServerHttp2Stream, message: Uint8Array): void {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.once('data', () => stream.write(Buffer.concat([head, message])))
  stream.on('end', () => stream.end())
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
