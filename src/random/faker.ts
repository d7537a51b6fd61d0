import type { Faker } from '@faker-js/faker'
import { faker } from '@faker-js/faker/locale/en_US'
import type { Rng } from './rng.ts'

// Importing the class from the package root would load every locale (160 ms); the one locale includes it (70 ms).
const FakerClass = faker.constructor as typeof Faker

/**
 * A Faker seeded by our stream. It only provides names and never decides a number, so upgrading it cannot change a
 * total.
 */
export const fakerFrom = (rng: Rng): Faker => fakerOver(() => rng)

/** The same for many streams, one after another: a Faker takes longer to make than a name. */
export const fakerOver = (current: () => Rng): Faker =>
  new FakerClass({ locale: faker.rawDefinitions, randomizer: { next: () => current().unit(), seed: () => {} } })
