import type { Destination } from '../../ports/index.ts'
import type { Second } from '../../time.ts'

/** The events of both tables as lines of JSON. A pipe keeps no position. */
export function stdoutDestination(write: (bytes: Uint8Array) => Promise<void>): Destination {
  let position: Second | undefined
  return {
    location: 'stdout',
    get position() {
      return position
    },
    since: undefined,
    trouble: undefined,
    async deliver(batch) {
      for (const { bytes } of batch.pages('event')) await write(bytes)
      position = batch.to
    },
    async flush() {},
    async [Symbol.asyncDispose]() {},
  }
}
