import { createHash } from 'node:crypto'
import { READABLE } from '../../faults/index.ts'
import type { Letter } from '../../ports/index.ts'
import type { Attribution } from './attribution.ts'
import type { DamagedEvent } from './damaged.ts'

/** What a consumer put aside, against what had to be put aside. */
export interface LettersFound {
  letters: number
  /** Damaged events among them. */
  damaged: number
  /** Damaged events of which neither a row nor a letter is there. */
  gone: DamagedEvent[]
  /** Further ones that are gone, by their number alone. */
  goneMore: number
  /** Nothing could be compared: only numbers say that enough letters are there. */
  byNumber: boolean
}

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')
/** How deep a letter is searched for the event in it. */
const DEPTH = 4

/** Finds damaged events among dead letters: by their bytes in any usual form, or by their id. */
export class LetterMatch {
  private letters = 0
  private readonly matched = new Set<DamagedEvent>()
  private readonly byHash = new Map<string, DamagedEvent[]>()
  private readonly byId = new Map<string, DamagedEvent>()
  private readonly sides: readonly Attribution[]

  constructor(sides: readonly Attribution[]) {
    this.sides = sides
    for (const event of sides.flatMap(({ damaged }) => damaged)) {
      this.byId.set(event.id, event)
      for (const hash of hashesOf(event)) {
        const known = this.byHash.get(hash)
        if (known) known.push(event)
        else this.byHash.set(hash, [event])
      }
    }
  }

  add(letter: Letter): void {
    this.letters++
    for (const part of letter) {
      const event = this.find(part, DEPTH)
      if (!event) continue
      this.matched.add(event)
      return
    }
  }

  result(): LettersFound {
    const required = this.sides.flatMap(requiredOf)
    const further = this.sides.reduce((n, side) => n + side.further, 0)
    const missing = required.filter((event) => !this.matched.has(event))
    const { letters, matched } = this
    const others = letters - matched.size
    const byNumber = matched.size === 0 && letters > 0 && letters >= required.length + further
    const gone = byNumber ? [] : missing
    return { letters, damaged: matched.size, gone, goneMore: byNumber ? 0 : Math.max(0, further - others), byNumber }
  }

  private find(part: unknown, depth: number): DamagedEvent | undefined {
    if (typeof part === 'string' || Buffer.isBuffer(part)) return this.inText(part, depth)
    if (typeof part !== 'object' || part === null || depth === 0) return undefined
    const whole = this.hashed(sha256(JSON.stringify(part)))
    if (whole) return whole
    for (const value of Object.values(part)) {
      const event = this.find(value, depth - 1)
      if (event) return event
    }
    return undefined
  }

  private inText(bytes: Buffer | string, depth: number): DamagedEvent | undefined {
    const text = bytes.toString()
    const found =
      this.hashed(sha256(bytes)) ??
      this.hashed(text.toLowerCase()) ??
      (isBase64(text) ? this.hashed(sha256(Buffer.from(text, 'base64'))) : undefined) ??
      this.named(text)
    if (found || depth === 0 || !/^\s*[[{"]/.test(text)) return found
    try {
      return this.find(JSON.parse(text), depth - 1)
    } catch {
      // A damaged event is often no JSON.
      return undefined
    }
  }

  private hashed = (hash: string) => this.byHash.get(hash)?.find((event) => !this.matched.has(event))

  private named(text: string): DamagedEvent | undefined {
    const [id] = /[A-Z]\d{6}-\d+-\d+/.exec(text) ?? []
    const event = id === undefined ? undefined : this.byId.get(id)
    return event && !this.matched.has(event) ? event : undefined
  }
}

const isBase64 = (text: string) => text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/_-]+={0,2}$/.test(text)

/** A consumer that keeps text keeps what it read, not the bytes that were sent. */
function* hashesOf({ sha256: sent, form, bodies }: DamagedEvent): Generator<string> {
  const hashes = new Set(sent)
  if (form === 'not-utf8')
    for (const body of bodies) {
      const read = new TextDecoder().decode(Buffer.from(body, 'latin1'))
      for (const text of [read, read.replaceAll('\uFFFD', ''), body]) hashes.add(sha256(text))
    }
  yield* hashes
}

/** The damaged events that must be among the dead letters: what became a row is wrong already, or allowed. */
function requiredOf({ damaged, rows, readableRows, of }: Attribution): DamagedEvent[] {
  const { delivered, settle } = of.terms
  return damaged.filter((event) => {
    if (!rows.others.has(event) || (READABLE.includes(event.form) && readableRows.has(event.id))) return false
    return event.at < delivered - settle
  })
}
