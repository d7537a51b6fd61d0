import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RecordingProxy {
  url: string
  /** bodies of the calls with POST, in their order */
  posted: { path: string; body: string }[]
  stop(): Promise<void>
}

/** A proxy of an emulator that changes nothing and records what was posted. */
export async function recordingProxy(target: string): Promise<RecordingProxy> {
  const posted: RecordingProxy['posted'] = []
  const server = createServer(async (incoming, answer) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const { method, url = '/', headers } = incoming
    const body = Buffer.concat(chunks)
    if (method === 'POST') posted.push({ path: url, body: `${body}` })
    const outgoing = request(target + url, { method, headers: { ...headers, host: new URL(target).host } }, (reply) => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers)
      reply.pipe(answer)
    })
    outgoing.on('error', () => answer.destroy())
    outgoing.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted,
    stop: () => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()),
  }
}
