import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { Broker, DeadLetter, DeadLetters, LetterCount, LetterFilter, Ports } from '../ports/index.ts'
import { byFact, type FactName, keyOf, tables } from '../tables/index.ts'
import { buildWorld, type World } from '../world/world.ts'
import { type ChosenLetters, checkChosen, pagesOf } from './dead-letters/choose-letters.ts'
import { markRow } from './dead-letters/letter-rows.ts'
import { enter } from './enter.ts'
import { rowReader } from './live/event-rows.ts'
import { appendLetters } from './load/batch-loader.ts'
import { type CollectOptions, collectLetters } from './load/collect-letters.ts'

interface LettersResult {
  /** The table that keeps them. */
  location: string
  /** Messages that this run has moved there from the dead-letter topic. */
  collected: number
}

/** A letter without its body. */
export type LetterLine = Omit<DeadLetter, 'attributes' | 'data'>

export interface ListLettersResult extends LettersResult {
  counts: readonly LetterCount[]
  /** The first ones. */
  letters: readonly LetterLine[]
  /** There are more than `letters`. */
  more: boolean
}

export interface ShowLettersResult extends LettersResult {
  letters: readonly (LetterLine & { attributes: Readonly<Record<string, string>>; body: LetterBody })[]
}

/** The body of a message as text, or in base64 if it is not UTF-8. */
export type LetterBody = { text: string } | { base64: string }

export interface ReplayLettersResult extends LettersResult {
  dryRun: boolean
  /** Letters whose event was published again, and that are marked. */
  replayed: Record<FactName, number>
  /** Letters that are not an event of this world, so they would be rejected again. They stay open. */
  invalid: number
  /** The first of them, and why. */
  whyInvalid: readonly { id: string; why: string }[]
}

export interface DropLettersResult extends LettersResult {
  dryRun: boolean
  dropped: number
  reason: string
}

/** On abort, letters that were dealt with are marked. */
export interface LetterOptions extends CollectOptions {
  /** Change nothing, and do not collect. */
  dryRun?: boolean | undefined
}

const WHY_INVALID = 20

interface Opened extends LettersResult {
  letters: Extract<DeadLetters, { can: true }>
  broker: Broker
  world: World
}

/** Each command first moves what waits in the dead-letter topic into the table, so that it sees all of them. */
export async function openLetters(
  ports: Ports,
  config: Config,
  { dryRun = false, ...how }: LetterOptions = {},
): Promise<Opened> {
  const { deadLetters: letters, live } = ports
  if (!letters.can || live.by === 'lake') {
    const { why, hint } = letters.can ? { why: undefined, hint: undefined } : letters
    throw new RetailError('bad_flag', `target ${ports.target.name} has no dead letters`, { why, hint })
  }
  const world = buildWorld(config)
  await enter('dead-letters', ports, config, world)
  const collected = dryRun ? 0 : await collectLetters(ports, world, how)
  return { letters, broker: live.broker, world, location: letters.location, collected }
}

export async function listLetters(
  ports: Ports,
  config: Config,
  { limit, signal, quietMs, ...filter }: LetterFilter & LetterOptions & { limit: number },
): Promise<ListLettersResult> {
  const { letters, location, collected } = await openLetters(ports, config, { signal, quietMs })
  const [counts, found] = [await letters.count(), await letters.read(filter, limit + 1)]
  const lines = found.slice(0, limit).map(({ attributes, data, ...line }) => line)
  return { location, collected, counts, letters: lines, more: found.length > limit }
}

export async function showLetters(
  ports: Ports,
  config: Config,
  { ids, table, signal, quietMs }: LetterOptions & { ids: readonly string[]; table?: FactName | undefined },
): Promise<ShowLettersResult> {
  const { letters, location, collected } = await openLetters(ports, config, { signal, quietMs })
  const found = await checkChosen(letters, { ids, table })
  return { location, collected, letters: found.map(({ data, ...line }) => ({ ...line, body: bodyOf(data) })) }
}

/**
 * Publishes the events of letters again, and marks the letters only after the broker has accepted them: a process that
 * is killed in between leaves them open. To replay twice is harmless, because staging keeps one row per id.
 */
export async function replayLetters(
  ports: Ports,
  config: Config,
  { dryRun = false, signal, quietMs, ...chosen }: LetterOptions & ChosenLetters,
): Promise<ReplayLettersResult> {
  const { letters, broker, world, location, collected } = await openLetters(ports, config, { dryRun, signal, quietMs })
  const read = byFact((name) => rowReader(name, world))
  const replayed = byFact(() => 0)
  const whyInvalid: { id: string; why: string }[] = []
  let invalid = 0
  const refuse = (id: string, why: string) => {
    invalid++
    if (whyInvalid.length < WHY_INVALID) whyInvalid.push({ id, why })
  }
  await using appender = dryRun ? undefined : await letters.openAppender()
  for await (const page of pagesOf(letters, chosen, signal)) {
    const ready = byFact((): Ready[] => [])
    for (const letter of page) {
      const row = letter.table ? read[letter.table](letter) : 'nothing says which table it was sent to'
      if (typeof row === 'string') refuse(letter.id, row)
      else ready[letter.table!].push({ letter, id: String(row[keyOf(tables[letter.table!])]) })
    }
    for (const [table, valid] of Object.entries(ready) as [FactName, Ready[]][]) {
      if (valid.length === 0) continue
      replayed[table] += valid.length
      if (!appender) continue
      await broker.publish(table, world.id, valid.map(messageOf))
      const rows = valid.map(({ letter }) => markRow(letter, { state: 'replayed', by: letters.self }))
      await appendLetters(appender, rows, new AbortController().signal)
    }
  }
  return { location, collected, dryRun, replayed, invalid, whyInvalid }
}

/** Marks letters as not needed. Their rows stay. */
export async function dropLetters(
  ports: Ports,
  config: Config,
  { dryRun = false, signal, quietMs, reason, ...chosen }: LetterOptions & ChosenLetters & { reason: string },
): Promise<DropLettersResult> {
  const { letters, location, collected } = await openLetters(ports, config, { dryRun, signal, quietMs })
  let dropped = 0
  await using appender = dryRun ? undefined : await letters.openAppender()
  for await (const page of pagesOf(letters, chosen, signal)) {
    const rows = page.map((letter) => markRow(letter, { state: 'dropped', by: letters.self, note: reason }))
    if (appender) await appendLetters(appender, rows, new AbortController().signal)
    dropped += page.length
  }
  return { location, collected, dryRun, dropped, reason }
}

/** A letter that is a valid event, and its id. */
interface Ready {
  letter: DeadLetter
  id: string
}

const messageOf = ({ id, letter }: Ready) => ({ id, data: Buffer.from(letter.data).toString('utf8') })

export function bodyOf(data: Uint8Array): LetterBody {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(data) }
  } catch {
    // Only bytes in memory are decoded.
    return { base64: Buffer.from(data).toString('base64') }
  }
}
