import { expect, test } from 'vitest'
import { shopWorld } from '../../test/worlds.ts'
import { CATEGORIES } from './calibration.ts'
import { productNames } from './product-names.ts'
import { BRANDS } from './types/brands.ts'
import { SLOTS } from './types/name-words.ts'
import { TYPES } from './types/product-types.ts'
import { TITLE_WORDS, TITLES } from './types/titles.ts'

const lastWord = (text: string) => text.slice(text.lastIndexOf(' ') + 1)

test('every type has words for its names, and every pattern the lists it draws from', () => {
  for (const { name } of TYPES) expect(SLOTS.has(name) !== TITLES.has(name), name).toBe(true)
  expect(SLOTS.size + TITLES.size).toBe(TYPES.length)
  const drawn = [...TITLES.values()]
    .flat()
    .flatMap((pattern) => [...pattern.matchAll(/{(\w+)}/g)].map(([, list]) => list))
  expect(new Set(drawn)).toEqual(new Set([...TITLE_WORDS.keys(), 'person']))
  for (const words of [...SLOTS.values()].flat().map((slot) => slot.words))
    expect(new Set(words).size).toBe(words.length)
})

test('the last word of a type is like that of no other in its category', () => {
  CATEGORIES.forEach((name, category) => {
    if (name === 'Books') return
    const words = TYPES.filter((type) => type.category === category).map((type) => lastWord(type.name))
    expect(new Set(words).size).toBe(words.length)
  })
})

test('products have names of their own, which begin with a brand and end with the type', () => {
  const { products, seed } = shopWorld({ products: 2000 })
  const names = productNames(products, seed)
  expect(new Set(names).size).toBe(2000)
  names.forEach((name, p) => {
    const type = TYPES[products.type[p]].name
    const [begin, end] = TITLES.has(type) ? ['', /, by [A-Z][^{}]+$/] : [`${BRANDS[products.brand[p]]} `, ` ${type}`]
    expect(name.startsWith(begin)).toBe(true)
    expect(name).toMatch(typeof end === 'string' ? new RegExp(`${end}$`) : end)
  })
})

test('a product keeps its name when there are more products', () => {
  const [few, many] = [300, 3000].map((products) => productNames(shopWorld({ products }).products, 42))
  expect(many.slice(0, 300)).toEqual(few)
})

test('sizes follow prices: a large television costs more than a small one', () => {
  const { products, seed } = shopWorld({ products: 5000 })
  const inches = productNames(products, seed).flatMap((name, p) => {
    const [, size] = name.match(/ (\d+)-inch .* Television$/) ?? []
    return size ? [{ size: Number(size), cents: products.baseCents[p] }] : []
  })
  const dearest = (all: typeof inches) => Math.max(...all.map(({ cents }) => cents))
  expect(inches.length).toBeGreaterThan(20)
  expect(dearest(inches.filter(({ size }) => size < 40))).toBeLessThan(
    dearest(inches.filter(({ size }) => size > 60)) / 2,
  )
})
