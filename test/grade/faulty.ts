import type { FaultProfile } from '../../src/config/fault-kinds.ts'
import { loadProfile } from '../../src/config/faults.ts'
import type { FaultTerms } from '../../src/grade/faults/expected.ts'
import type { GradeResult } from '../../src/grade/result.ts'
import type { GradeOptions } from '../../src/pipeline/grade.ts'
import type { FactName, WorldSchema } from '../../src/tables/index.ts'
import { type Consumed, type Received, received } from './consumers.ts'
import { gradedShop } from './graded.ts'

/** More of what is rare, so that a few days have all of it. */
const often = (profile: FaultProfile): FaultProfile => ({
  ...profile,
  lost: { rate: 0.005 },
  malformed: { ...profile.malformed!, rate: 0.02 },
  changed: { ...profile.changed!, rate: 0.01 },
  duplicate: { ...profile.duplicate!, rate: 0.06 },
  late: { ...profile.late!, rate: 0.1 },
  silence: { ...profile.silence!, rate: 0.2 },
})
export const profiles = { rough: often(loadProfile('rough')), hostile: often(loadProfile('hostile')) }

/** A shop, and what consumers of it receive. */
export class FaultyShop {
  readonly shop
  private readonly copies = new Map<FactName, Promise<Received[]>>()
  readonly profile: FaultProfile

  constructor(seed: number, profile: FaultProfile, schema: WorldSchema) {
    this.shop = gradedShop(schema, { seed, stores: 5, products: 60, lines: 100 })
    this.profile = profile
  }

  receive(table: FactName): Promise<Received[]> {
    let known = this.copies.get(table)
    if (!known) this.copies.set(table, (known = received(this.shop.world, this.profile, table, this.shop.until)))
    return known
  }

  async grade(
    table: FactName,
    { rows, dead }: Pick<Consumed, 'rows'> & Partial<Consumed>,
    more: Partial<FaultTerms> = {},
    options: Partial<GradeOptions> = {},
  ): Promise<GradeResult> {
    const faults = {
      ...{ profile: this.profile, delivered: Number.POSITIVE_INFINITY, guessed: false, settle: 0 },
      ...{ lateness: undefined, lastWins: false, trueTimes: false, ...more },
    }
    const deadLetters = dead && lettersOf(dead)
    return await this.shop.gradeRows({ [table]: rows }, { faults, ...(deadLetters && { deadLetters }), ...options })
  }
}

export async function* lettersOf(dead: readonly (Buffer | string)[]) {
  for (const letter of dead) yield [letter]
}

const shops = new Map<string, FaultyShop>()
export function faultyShop(seed: number, name: keyof typeof profiles, schema: WorldSchema = 'strict'): FaultyShop {
  const key = `${seed} ${name} ${schema}`
  let known = shops.get(key)
  if (!known) shops.set(key, (known = new FaultyShop(seed, profiles[name], schema)))
  return known
}
