import { fakerFrom } from '../random/faker.ts'
import { ln } from '../random/math.ts'
import { keyedRng, type Rng, Stream } from '../random/rng.ts'
import type { Products } from './products.ts'
import { BRANDS } from './types/brands.ts'
import { SLOTS, type Slot } from './types/name-words.ts'
import { TYPES } from './types/product-types.ts'
import { TITLE_WORDS, TITLES } from './types/titles.ts'

/** Draws of a name that nobody has yet; after them, a number is put in. */
const DRAWS = 12
/** Deviations of the price on either side of its median that the words of a slot cover. */
const GRADES = 1.5
/** Authors that write the books of a type. */
const AUTHORS = 40
/** Keys of the stream of names, which also names products (0) and stores (1). */
const AUTHOR_NAMES = 2
const PEOPLE = 3

/**
 * The name of each product, by product number − 1: brand, what sets it apart, type; or title and author. Names differ
 * from each other, and a product keeps its name if there are more products.
 */
export function productNames(products: Products, seed: number): string[] {
  const taken = new Map<string, number>()
  return Array.from({ length: products.count }, (_, p) => {
    const rng = keyedRng(seed, Stream.name, p, 0)
    let name = nameOf(products, seed, p, rng)
    for (let i = 1; i < DRAWS && taken.has(whole(name)); i++) name = nameOf(products, seed, p, rng)
    const times = (taken.get(whole(name)) ?? 0) + 1
    taken.set(whole(name), times)
    return whole(name, times)
  })
}

/** A name, and where the second and further products of that name get their number. */
interface Name {
  head: string
  mark: string
  tail: string
}

const whole = ({ head, mark, tail }: Name, times = 1): string =>
  times === 1 ? `${head}${tail}` : `${head}${mark}${times}${tail}`

function nameOf(products: Products, seed: number, p: number, rng: Rng): Name {
  const index = products.type[p]
  const type = TYPES[index]
  const patterns = TITLES.get(type.name)
  if (patterns) {
    const title = one(patterns, rng).replaceAll(/{(\w+)}/g, (_, list: string) =>
      list === 'person' ? personOf(keyedRng(seed, Stream.name, p, PEOPLE)) : one(TITLE_WORDS.get(list)!, rng),
    )
    const author = personOf(keyedRng(seed, Stream.name, index * AUTHORS + rng.below(AUTHORS), AUTHOR_NAMES))
    return { head: title, mark: ', Volume ', tail: `, by ${author}` }
  }
  const grade = ln(products.baseCents[p] / 100 / type.price) / type.spread
  const words = SLOTS.get(type.name)!.map((slot) => wordOf(slot, grade, rng))
  const tail = [...words, type.name].filter((word) => word !== '').join(' ')
  return { head: BRANDS[products.brand[p]], mark: ' Series ', tail: ` ${tail}` }
}

const one = <T>(list: readonly T[], rng: Rng): T => list[rng.below(list.length)]

/** In an ordered slot, the word that fits the price, or one beside it. */
function wordOf({ ordered, words }: Slot, grade: number, rng: Rng): string {
  if (!ordered) return one(words, rng)
  const place = ((grade + GRADES) / (2 * GRADES)) * words.length + 0.8 * (rng.unit() - 0.5)
  return words[Math.max(0, Math.min(words.length - 1, Math.floor(place)))]
}

function personOf(rng: Rng): string {
  const { person } = fakerFrom(rng)
  return `${person.firstName()} ${person.lastName()}`
}
