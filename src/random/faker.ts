import type { Faker } from '@faker-js/faker'
import { faker } from '@faker-js/faker/locale/en_US'
import type { Rng } from './rng.ts'

// Importing the class from the package's root would load every locale (160 ms); the one locale carries it along (70 ms).
const FakerClass = faker.constructor as typeof Faker

/** A Faker that is fed by our stream. It dresses (names); it never decides a number, so its upgrades cannot move a total. */
export const fakerFrom = (rng: Rng): Faker =>
  new FakerClass({ locale: faker.rawDefinitions, randomizer: { next: () => rng.unit(), seed: () => {} } })
