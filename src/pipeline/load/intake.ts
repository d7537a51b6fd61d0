import type { AppendTable, Broker, Delivery } from '../../ports/index.ts'

/** Batches are large, so that streams are created rarely: BigQuery allows forty per second and project. */
export const BATCH_EVENTS = 10_000
export const BATCH_MS = 2_000
/** Messages of a table that are received and not yet committed: the bound on memory while the warehouse stalls. */
const HELD_EVENTS = 20_000

/** Collects the deliveries of a table into batches and sends one batch at a time. */
export function intake(
  broker: Broker,
  table: AppendTable,
  deliver: (batch: Delivery[]) => Promise<void>,
  fail: (error: unknown) => void,
  onCame: () => void,
) {
  let waiting: Delivery[] = []
  let sending: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (sending || waiting.length === 0) return
    const batch = waiting.splice(0, BATCH_EVENTS)
    sending = deliver(batch)
      .catch(fail)
      .then(() => {
        sending = undefined
        if (waiting.length >= BATCH_EVENTS) flush()
        else if (waiting.length > 0) timer ??= setTimeout(flush, BATCH_MS)
      })
  }

  const subscription = broker.subscribe(
    table,
    HELD_EVENTS,
    (delivery) => {
      onCame()
      if (closed) return delivery.nack()
      waiting.push(delivery)
      if (waiting.length >= BATCH_EVENTS) flush()
      else timer ??= setTimeout(flush, BATCH_MS)
    },
    fail,
  )

  return {
    busy: () => waiting.length > 0 || sending !== undefined,
    sending: () => sending !== undefined,
    waiting: () => waiting.length,
    /** Received messages are loaded first, or nacked. */
    async close(finish: boolean): Promise<void> {
      closed = true
      while (sending || (finish && waiting.length > 0)) {
        flush()
        await sending
      }
      clearTimeout(timer)
      for (const delivery of waiting) delivery.nack()
      waiting = []
      await subscription.close()
    },
  }
}
