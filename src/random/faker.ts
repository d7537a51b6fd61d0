import type { Faker } from '@faker-js/faker'
import { faker } from '@faker-js/faker/locale/en_US'
import type { Rng } from './rng.ts'

// Importing the class from the package root would load every locale (160 ms); the one locale includes it (70 ms).
const FakerClass = faker.constructor as typeof Faker

/**
 * A Faker seeded by our stream. It only provides names and never decides a number, so upgrading it cannot change a
 * total.
 */
export const fakerFrom = (rng: Rng): Faker =>
  new FakerClass({ locale: faker.rawDefinitions, randomizer: { next: () => rng.unit(), seed: () => {} } })

const { first_name: first, last_name: last } = faker.rawDefinitions.person!

/** What `firstName` and `lastName` choose from: of a hundred thousand people, a choice of our own takes a tenth of the time. */
export const FIRST_NAMES: readonly string[] = first!.generic!
export const LAST_NAMES: readonly string[] = last!.generic!
