import type { Destination } from '../../ports/index.ts'
import type { Second } from '../../time.ts'

/** The events of both tables as lines of JSON. A pipe keeps no position. */
export function stdoutDestination(write: (bytes: Uint8Array) => Promise<void>): Destination {
  let position: Second | undefined
  let delivered: Second | undefined
  let written: Promise<void> = Promise.resolve()
  return {
    location: 'stdout',
    get position() {
      return position
    },
    since: undefined,
    trouble: undefined,
    async deliver(batch) {
      for (const { bytes } of batch.pages('event')) {
        // The next page overwrites the bytes, while the reader takes these.
        const page = Buffer.from(bytes)
        await written
        position = delivered
        written = write(page)
        // It is awaited in the next round, or by flush.
        written.catch(() => {})
      }
      delivered = batch.to
    },
    async flush() {
      await written
      position = delivered
    },
    async [Symbol.asyncDispose]() {},
  }
}
