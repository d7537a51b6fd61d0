import { readFileSync } from 'node:fs'
import path from 'node:path'

const module = readFileSync(path.join(import.meta.dirname, '../../terraform/modules/events/main.tf'), 'utf8')

/** The number that a pattern finds in the module. */
function number(pattern: RegExp): number {
  const found = pattern.exec(module)
  if (!found) throw new Error(`terraform/modules/events/main.tf does not match ${pattern}`)
  return Number(found[1])
}

/** How often a BigQuery subscription tries, by terraform/. */
export const ATTEMPTS = number(/var\.ingest == "load" \? \d+ : (\d+)/)

/**
 * The policy that terraform/ gives the subscription of `retail load`: how long the messages of a dead loader stay leased. Without its
 * backoff: with one, the emulator never again delivers what a closing loader returned (seen in live.test.ts and chaos.test.ts).
 */
export const deliveryPolicy = (deadLetterTopic: string) => ({
  ackDeadlineSeconds: number(/ack_deadline_seconds\s*=\s*(\d+)/),
  enableExactlyOnceDelivery: /enable_exactly_once_delivery\s*=\s*true/.test(module),
  deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: number(/var\.ingest == "load" \? (\d+)/) },
})

/**
 * For a load after which more is published: the emulator hands that to a pull call of the loader that has ended, as long as the
 * call would have waited, and the next load then waits for its lease. With this, a call waits three seconds instead of thirty.
 */
export const SHORT_PULLS = { RETAIL_EMULATOR_HASTE: '10' }
