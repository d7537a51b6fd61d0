import {
  type AppendTable,
  type Broker,
  type Delivery,
  type Position,
  type Shard,
  shardName,
} from '../src/ports/index.ts'
import { byFact } from '../src/tables/index.ts'

export interface MemoryBroker extends Broker {
  /** what was accepted, by id: a repeated event is the same one */
  readonly events: Map<string, string>
  /** how many were sent, repeats counted */
  sent: number
  /** A message that it has given up on. */
  giveUp(message: Pick<Delivery, 'messageId' | 'data' | 'attributes'>): void
}

type Message = Pick<Delivery, 'messageId' | 'data' | 'attributes'>

/** A broker that keeps what it is given until somebody who subscribes has acknowledged it. */
export function memoryBroker(): MemoryBroker {
  const events = new Map<string, string>()
  const queues: Record<AppendTable, Message[]> = { ...byFact((): Message[] => []), dead_letter: [] }
  const wake: Record<AppendTable, Set<() => void>> = {
    ...byFact((): Set<() => void> => new Set()),
    dead_letter: new Set(),
  }
  const saved = new Map<string, Position>()
  const nameOf = (shard: Shard | undefined) => (shard ? shardName(shard) : 'whole')

  function put(table: AppendTable, message: Message): void {
    queues[table].push(message)
    for (const look of wake[table]) look()
  }

  return {
    product: 'a broker in memory',
    events,
    sent: 0,
    giveUp: (message) => put('dead_letter', message),
    async publish(table, world, messages) {
      for (const { id, data } of messages) {
        const [body, known] = [typeof data === 'string' ? Buffer.from(data) : data, events.get(id)]
        const text = Buffer.from(body).toString()
        if (known !== undefined && known !== text) throw new Error(`two events have the id ${id}`)
        events.set(id, text)
        this.sent++
        put(table, { messageId: id, data: body, attributes: { id, table, world } })
      }
    },
    position: async (shard) => structuredClone(saved.get(nameOf(shard))),
    async savePosition(position, shard) {
      saved.set(nameOf(shard), structuredClone(position))
    },
    subscribe(table, messages, onDelivery) {
      let [held, closed] = [0, false]
      const look = () => {
        while (!closed && held < messages) {
          const message = queues[table].shift()
          if (!message) return
          held++
          onDelivery(deliveryOf(table, message))
        }
      }
      function deliveryOf(name: AppendTable, message: Message): Delivery {
        return {
          ...message,
          ack() {
            held--
            queueMicrotask(look)
          },
          nack() {
            held--
            // Whoever returns messages because it closes must get to its close.
            queues[name].push(message)
            setImmediate(() => {
              for (const again of wake[name]) again()
            })
          },
        }
      }
      wake[table].add(look)
      queueMicrotask(look)
      return {
        trouble: undefined,
        async close() {
          closed = true
          wake[table].delete(look)
        },
      }
    },
    subscriptionOf: (table) => table,
    originOf: () => undefined,
    lostSubscriptions: async () => [],
    async [Symbol.asyncDispose]() {},
  }
}
