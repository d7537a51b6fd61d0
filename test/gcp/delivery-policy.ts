import { readFileSync } from 'node:fs'
import path from 'node:path'

const module = readFileSync(path.join(import.meta.dirname, '../../terraform/modules/events/main.tf'), 'utf8')

/** The number that a pattern finds in the module. */
function number(pattern: RegExp): number {
  const found = pattern.exec(module)
  if (!found) throw new Error(`terraform/modules/events/main.tf does not match ${pattern}`)
  return Number(found[1])
}

/**
 * The policy that terraform/ gives the subscription of `retail load`: how long the messages of a dead loader stay leased. Without its
 * backoff: with one, the emulator never again delivers what a closing loader returned (seen in live.test.ts and chaos.test.ts).
 */
export const deliveryPolicy = (deadLetterTopic: string) => ({
  ackDeadlineSeconds: number(/ack_deadline_seconds\s*=\s*(\d+)/),
  enableExactlyOnceDelivery: /enable_exactly_once_delivery\s*=\s*true/.test(module),
  deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: number(/var\.ingest == "load" \? (\d+)/) },
})
