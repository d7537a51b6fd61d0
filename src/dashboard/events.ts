import type { ServerResponse } from 'node:http'

/** Server-sent events: every client receives the same ones. */
export interface Events {
  listen(response: ServerResponse): void
  send(event: string, data: object): void
  /** Number of connected clients. */
  readonly count: number
  close(): void
}

const RETRY_MS = 1_000
const HEARTBEAT_MS = 15_000
export const MOST_LISTENERS = 64

export function openEvents(): Events {
  const listeners = new Set<ServerResponse>()
  /** The last event of each kind, for clients that connect later. */
  const last = new Map<string, string>()
  const heartbeat = setInterval(() => {
    for (const listener of listeners) listener.write(': still here\n\n')
  }, HEARTBEAT_MS)
  heartbeat.unref()

  return {
    get count() {
      return listeners.size
    },
    listen(response) {
      listeners.add(response)
      response.on('close', () => listeners.delete(response))
      response.write(`retry: ${RETRY_MS}\n\n${[...last.values()].join('')}`)
    },
    send(event, data) {
      const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
      last.set(event, text)
      for (const listener of listeners) listener.write(text)
    },
    close() {
      clearInterval(heartbeat)
      for (const listener of listeners) listener.end()
      listeners.clear()
    },
  }
}
