import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** One CloudEvent. */
export interface CloudEvent {
  id: string
  type: string
  subject: string
  source: string
  time: string
  data: Record<string, string | number>
}

/** What the endpoint does with a request: its status, or that it hangs up after it has taken the events, or before. */
export type Answer = number | 'taken, then gone' | 'gone'

/** An HTTP server that takes CloudEvents, and fails as a test says. */
export interface HttpEndpoint {
  url(path: string): string
  /** Events in order of arrival. A request whose idempotency key was seen is taken once. */
  events(path: string): CloudEvent[]
  requests: { path: string; headers: IncomingMessage['headers']; events: number }[]
  /** Requests in progress, at most. */
  mostInFlight: number
  /** Decides what happens to each request. */
  answer: (request: IncomingMessage) => Answer | Promise<Answer>
  /** Drops all connections and listens again. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function startHttpEndpoint(): Promise<HttpEndpoint> {
  const taken = new Map<string, CloudEvent[]>()
  const seen = new Set<string>()
  const sockets = new Set<Socket>()
  let server: Server
  let port = 0
  let inFlight = 0

  async function listen(): Promise<void> {
    server = createServer((request, response) => void handle(request, response))
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  }

  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    endpoint.mostInFlight = Math.max(endpoint.mostInFlight, ++inFlight)
    response.once('close', () => inFlight--)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const events = JSON.parse(Buffer.concat(chunks).toString()) as CloudEvent[]
    const path = request.url!
    endpoint.requests.push({ path, headers: request.headers, events: events.length })
    const answer = await endpoint.answer(request)
    const key = `${path} ${request.headers['idempotency-key']}`
    const takes = (answer === 'taken, then gone' || (typeof answer === 'number' && answer < 300)) && !seen.has(key)
    if (takes) {
      seen.add(key)
      taken.set(path, [...(taken.get(path) ?? []), ...events])
    }
    if (typeof answer !== 'number') response.destroy()
    else response.writeHead(answer, answer === 429 ? { 'retry-after': '0' } : {}).end(answer < 300 ? '' : 'not today')
  }

  const endpoint: HttpEndpoint = {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    events: (path) => taken.get(path) ?? [],
    requests: [],
    mostInFlight: 0,
    answer: () => 204,
    async restart() {
      await close()
      await listen()
    },
    stop: close,
  }
  await listen()
  return endpoint
}
