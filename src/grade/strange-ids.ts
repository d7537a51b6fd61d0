import type { FactName } from '../tables/index.ts'
import { letterOf } from '../truth/own-ids.ts'
import type { World } from '../world/world.ts'
import type { Found } from './found.ts'

/** What can be done to an id on its way: in the order in which it is undone. */
const CHANGES: readonly [what: string, undo: (id: string) => string][] = [
  ['in quotation marks', (id) => id.replace(/^(["'])(.*)\1$/s, '$2')],
  ['with spaces', (id) => id.trim()],
  ['in lower case', (id) => id.toUpperCase()],
  ['without dashes', (id) => id.replaceAll('-', '')],
]

/** Recognizes ids of a world that something has changed. */
export class StrangeIds {
  private readonly own: RegExp
  private readonly undashed: RegExp

  constructor(table: FactName, { ids }: Pick<World, 'ids'>) {
    const parts = [`${letterOf(table)}\\d{6}`, `\\d{${ids.store}}`, `\\d{${ids.number}}`]
    this.own = new RegExp(`^${parts.join('-')}$`)
    this.undashed = new RegExp(`^${parts.join('')}$`)
  }

  /** Whether it has the form of an id of the world. */
  isOwn = (id: string): boolean => this.own.test(id)

  /** How a text differs from an id: `with spaces`. Undefined: it is one, or no id can be seen in it. */
  change(id: string): string | undefined {
    const made: string[] = []
    let rest = id
    for (const [what, undo] of CHANGES) {
      const before = rest
      rest = undo(rest)
      // Without dashes, nothing is left to undo.
      if (rest !== before && what !== 'without dashes') made.push(what)
    }
    if (this.own.test(id) || !this.undashed.test(rest)) return undefined
    if (!id.includes('-')) made.push('without dashes')
    return made.join(' and ') || undefined
  }

  /** One sentence if most rows have ids like that; otherwise, if hardly any id is one of this world, that. */
  cause(
    { rows, strangerRows, heads }: Pick<Found, 'rows' | 'strangerRows' | 'heads'>,
    unexpected: readonly string[],
  ): string[] {
    const changes = unexpected.map((id) => this.change(id))
    const [first] = changes
    const same = changes.filter((change) => change === first).length
    if (first !== undefined && same >= LEAST && same >= unexpected.length * SHARE)
      return [`ids are written ${first}, such as ${JSON.stringify(unexpected[0])}`]
    if (strangerRows < LEAST || strangerRows < rows * SHARE) return []
    const few = strangerRows === rows ? 'no id is' : 'hardly any id is'
    return [`${few} one of this world, which begin like ${heads.textOf(0)}`]
  }
}

/** A cause is named if this many rows have it, and this share of them. */
const LEAST = 10
const SHARE = 0.95
