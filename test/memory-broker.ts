import type { Broker, Delivery, Position } from '../src/ports/index.ts'
import { byFact, type FactName } from '../src/tables/index.ts'

export interface MemoryBroker extends Broker {
  /** what was accepted, by id: a repeated event is the same one */
  readonly events: Map<string, string>
  /** how many were sent, repeats counted */
  sent: number
}

interface Message {
  id: string
  data: string
  world: string
}

/** A broker that keeps what it is given until somebody who subscribes has acknowledged it. */
export function memoryBroker(): MemoryBroker {
  const events = new Map<string, string>()
  const queues = byFact((): Message[] => [])
  const wake = byFact((): Set<() => void> => new Set())
  let saved: Position | undefined

  function put(table: FactName, message: Message): void {
    queues[table].push(message)
    for (const look of wake[table]) look()
  }

  return {
    product: 'a broker in memory',
    events,
    sent: 0,
    async publish(table, world, messages) {
      for (const { id, data } of messages) {
        const known = events.get(id)
        if (known !== undefined && known !== data) throw new Error(`two events have the id ${id}`)
        events.set(id, data)
        this.sent++
        put(table, { id, data, world })
      }
    },
    position: async () => saved,
    async savePosition(position) {
      saved = structuredClone(position)
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
      function deliveryOf(name: FactName, message: Message): Delivery {
        const { id, data, world } = message
        return {
          messageId: id,
          data: Buffer.from(data),
          attributes: { id, table: name, world },
          ack() {
            held--
            queueMicrotask(look)
          },
          nack() {
            held--
            put(name, message)
          },
        }
      }
      wake[table].add(look)
      queueMicrotask(look)
      return {
        async close() {
          closed = true
          wake[table].delete(look)
        },
      }
    },
    subscriptionOf: (table) => table,
    async [Symbol.asyncDispose]() {},
  }
}
