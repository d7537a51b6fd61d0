// Longer than most files: two small shops per item, one in its range and one outside, whose value is computed by hand.
import { beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase } from '../adapters/local/duckdb.ts'
import { prepareSample } from './sample.ts'
import { measure } from './score.ts'
import { SCORECARD } from './scorecard.ts'

interface Shop {
  /** SQL of number, name, category, price in dollars. */
  products?: string
  /** City of each store. */
  cities?: readonly string[]
  /** SQL of product, local time, quantity, price in dollars, store. */
  sales: string
  /** SQL of product, local time, change, store, kind. */
  moves?: string
  /** SQL of product, price, first day. */
  prices?: string
}

type Case = [id: number, value: readonly number[], ok: boolean, shop: Shop]

const THINGS = `SELECT i, 'Plain Thing', 'Home', 10 FROM range(1, 41) AS t(i)`
const PHOENIX = Array.from({ length: 30 }, () => 'Phoenix, AZ')

let database: Database
beforeAll(async () => {
  database = await openDatabase(':memory:', { threads: 1 })
  await database.run('CREATE SCHEMA raw')
  return () => database[Symbol.asyncDispose]()
})

async function open({ products = THINGS, cities = PHOENIX, sales, moves, prices }: Shop): Promise<void> {
  const id = (letter: string, number: string) => `'${letter}' || lpad(CAST(${number} AS VARCHAR), 4, '0')`
  // Phoenix is 7 hours behind UTC all year, and so is Denver in winter.
  const utc = (local: string) => `${local} + INTERVAL 7 HOUR AS "timestamp"`
  const tables = {
    product: `SELECT ${id('P', 'number')} AS product_id, name, category, CAST(price AS DECIMAL(10, 2)) AS base_price FROM (${products}) AS p(number, name, category, price)`,
    store: `SELECT ${id('S', 'number')} AS store_id, city AS location, 1000 AS size FROM (VALUES ${cities.map((city, i) => `(${i + 1}, '${city}')`).join(', ')}) AS s(number, city)`,
    transactions: `SELECT ${id('P', 'product')} AS product_id, ${utc('local')}, CAST(quantity AS INTEGER) AS quantity, CAST(price AS DECIMAL(10, 2)) AS unit_price, ${id('S', 'store')} AS store_id FROM (${sales}) AS t(product, local, quantity, price, store)`,
    inventories: `SELECT ${id('P', 'product')} AS product_id, ${utc('local')}, CAST(change AS INTEGER) AS quantity_change, ${id('S', 'store')} AS store_id, kind AS movement_type FROM (${moves ?? `SELECT 1, TIMESTAMP '2023-01-01', 1, 1, 'opening'`}) AS m(product, local, change, store, kind)`,
  }
  for (const [table, sql] of Object.entries(tables))
    await database.run(`CREATE OR REPLACE TABLE raw.${table} AS ${sql}`)
  await database.run('DROP TABLE IF EXISTS raw.price_history')
  if (prices)
    await database.run(
      `CREATE TABLE raw.price_history AS SELECT ${id('P', 'product')} AS product_id, price, day AS valid_from FROM (${prices}) AS h(product, price, day)`,
    )
}

/** One sale a day at noon, for whole days from a day on, and one on the day before and the day after them. */
function daily(days: number, from: string, { product = '1', quantity = '1', price = '10', store = '1', of = '' } = {}) {
  return `SELECT ${product}, CAST(day AS TIMESTAMP) + INTERVAL 12 HOUR, ${quantity}, ${price}, ${store}
    FROM (SELECT DATE '${from}' - 1 + CAST(i AS INTEGER) AS day FROM range(${days + 2}) AS t(i)) AS d${of}`
}
const MONDAY = '2023-01-02'
const NEW_YEAR = '2023-01-01'
const when = (condition: string, then: number, other: number) => `CASE WHEN ${condition} THEN ${then} ELSE ${other} END`
const sold = (...groups: string[]) => groups.join(' UNION ALL ')
/** Lines at an hour of one day, or of several lines in the same second. */
const lines = (n: number, { hour = 12, product = '1', quantity = 1, price = '10', store = '1' } = {}) =>
  `SELECT ${product}, TIMESTAMP '2023-01-02 ${String(hour).padStart(2, '0')}:00:00' + to_seconds(i), ${quantity}, ${price}, ${store} FROM range(${n}) AS t(i)`
const move = (product: number, day: number, change: number, store: number, kind: string) =>
  `SELECT ${product}, TIMESTAMP '2023-01-01' + INTERVAL ${Math.round(day * 24)} HOUR, ${change}, ${store}, '${kind}'`

const TIME: Case[] = [
  [1, [1.5], true, { sales: daily(21, MONDAY, { quantity: when('isodow(day) = 6', 3, 2) }) }],
  [1, [1], false, { sales: daily(21, MONDAY) }],
  [2, [4 / 104], true, { sales: sold(lines(100), lines(3, { hour: 22 }), lines(1, { hour: 6 })) }],
  [2, [10 / 110], false, { sales: sold(lines(100), lines(10, { hour: 3 })) }],
  [
    3,
    [17, 11 / 101],
    true,
    { sales: sold(...[8, 9, 10, 11, 12, 13, 14, 15, 16, 17].map((hour) => lines(hour === 17 ? 11 : 10, { hour }))) },
  ],
  [
    3,
    [9, 11 / 101],
    false,
    { sales: sold(...[8, 9, 10, 11, 12, 13, 14, 15, 16, 17].map((hour) => lines(hour === 9 ? 11 : 10, { hour }))) },
  ],
  [4, [305 / 1521], true, { sales: daily(365, NEW_YEAR, { quantity: when('month(day) >= 11', 5, 4) }) }],
  [4, [61 / 365], false, { sales: daily(365, NEW_YEAR) }],
  [5, [3], true, { sales: daily(365, NEW_YEAR, { quantity: when(`day = DATE '2023-11-24'`, 3, 1) }) }],
  [5, [1], false, { sales: daily(365, NEW_YEAR) }],
  [6, [0], true, { sales: daily(365, NEW_YEAR, { of: ` WHERE day <> DATE '2023-12-25'` }) }],
  [6, [1], false, { sales: daily(365, NEW_YEAR) }],
  [7, [0.03], true, { sales: daily(730, NEW_YEAR, { price: when('year(day) = 2023', 10, 10.3) }) }],
  [7, [0], false, { sales: daily(730, NEW_YEAR) }],
  ...[1.3, 1].map((rise): Case => {
    const factors = {
      Electronics: rise,
      Clothing: rise,
      Home: rise === 1 ? 1 : 1.05,
      Books: rise === 1 ? 1 : 1.5,
      Sports: rise,
    }
    const shares = Object.values(factors).map((factor) => (31 * factor) / (334 + 31 * factor))
    const names = Object.keys(factors)
    return [
      101,
      [...shares, Math.max(...shares) - Math.min(...shares)],
      rise !== 1,
      {
        products: names.map((name, i) => `SELECT ${i + 1}, 'Plain Thing', '${name}', 10`).join(' UNION ALL '),
        sales: sold(
          ...Object.values(factors).map((factor, i) =>
            daily(365, NEW_YEAR, { product: `${i + 1}`, price: when('month(day) = 12', 10 * factor, 10) }),
          ),
        ),
      },
    ]
  }),
  [
    102,
    [20 / 45],
    true,
    { sales: daily(365, NEW_YEAR, { quantity: when(`day BETWEEN DATE '2023-12-01' AND DATE '2023-12-10'`, 2, 1) }) },
  ],
  [102, [10 / 35], false, { sales: daily(365, NEW_YEAR) }],
]

const each = (n: number, make: (number: number) => string) => sold(...Array.from({ length: n }, (_, i) => make(i + 1)))

/**
 * Three stores sell 1,000; shrink, returns, and the time without stock are 1, 2, and 3 times a unit, or alike. Of ten
 * products, two run out for some days, some are never there, and the others never run out.
 */
const unlike = (factors: readonly number[]): Shop => ({
  sales: each(6, (i) => {
    const store = Math.ceil(i / 2)
    return `SELECT ${(i % 2) + 1}, TIMESTAMP '2023-01-01' + INTERVAL ${(130 - 10 * factors[store - 1]) * 24} HOUR, 500, 10, ${store}`
  }),
  moves: each(30, (i) => {
    const [store, product] = [Math.ceil(i / 10), (i % 10) + 1]
    const factor = factors[store - 1]
    if (product > 2)
      return sold(
        move(product, 0, product > 2 + 2 * factor ? 1 : 0, store, 'opening'),
        move(product, 130, 1, store, 'receipt'),
      )
    return sold(
      move(product, 0, 500 + 5 * factor, store, 'opening'),
      move(product, 130 - 10 * factor, -500, store, 'sale'),
      move(product, 130 - 10 * factor, -5 * factor, store, 'shrink'),
      move(product, 130, 25 * factor, store, 'return'),
    )
  }),
})
/** Shares of time are .22, .44, and .66. The variance of chance: that within a store, over its ten products. */
const EMPTY = Math.sqrt(0.22 ** 2 - (1.536 + 2.144 + 1.824) / 9 / 10 / 3) / 0.44

const STORES: Case[] = [
  [15, [0.36525 * 800], true, { sales: daily(365, NEW_YEAR, { price: '800' }) }],
  [15, [0.36525 * 100], false, { sales: daily(365, NEW_YEAR, { price: '100' }) }],
  [
    16,
    [(4 / 9 - 2 / 7) / Math.SQRT2],
    true,
    { sales: sold(daily(21, MONDAY), daily(21, MONDAY, { store: '2', quantity: when('isodow(day) >= 6', 2, 1) })) },
  ],
  [16, [0], false, { sales: sold(daily(21, MONDAY), daily(21, MONDAY, { store: '2' })) }],
  [
    18,
    [1 / 25 / (367 / 365.25)],
    true,
    {
      sales: sold(
        each(24, (i) => daily(365, NEW_YEAR, { store: `${i}` })),
        daily(300, '2023-03-07', { store: '25' }),
      ),
    },
  ],
  [18, [0], false, { sales: each(25, (i) => daily(365, NEW_YEAR, { store: `${i}` })) }],
  [45, [Math.sqrt(1e-4 - 2e-5) / 0.02, Math.sqrt(2.5e-3 - 1e-4) / 0.1, EMPTY], true, unlike([1, 2, 3])],
  [45, [0, 0, 0], false, unlike([2, 2, 2])],
  [
    103,
    [2.16],
    true,
    {
      sales: each(
        8,
        (hour) =>
          `SELECT 1, TIMESTAMP '2023-01-02' + to_days(7 * CAST(w AS INTEGER)) + to_hours(8 + ${hour}), 1, 10, 1 FROM range(6) AS t(w) WHERE ${hour} <= 2 OR w % 2 = 0`,
      ),
    },
  ],
  [103, [0], false, { sales: daily(42, MONDAY) }],
  [104, [4 / 12], true, { sales: sold(lines(4), ...[2, 3, 4, 5].map((store) => lines(2, { store: `${store}` }))) }],
  [104, [0.2], false, { sales: each(5, (store) => lines(2, { store: `${store}` })) }],
]

const named = (...products: [name: string, category: string, price: number][]) =>
  products
    .map(([name, category, price], i) => `SELECT ${i + 1}, '${name}', '${category}', ${price}`)
    .join(' UNION ALL ')
const CLOTHES = named(
  ...(['Acme Coat', 'Bolt Coat', 'Acme Shorts', 'Bolt Shorts'] as const).map(
    (name) => [name, 'Clothing', 10] as [string, string, number],
  ),
)
const cold = 'month(day) IN (10, 11, 12, 1, 2, 3)'
/** Ten coats for 104 weeks, 28 a week each; some of them stop for some weeks. */
const coats = (stopped: number, weeks: number): Shop => ({
  products: `SELECT i, 'Brand' || i || ' Coat', 'Clothing', 10 FROM range(1, 11) AS t(i)`,
  sales: each(10, (i) =>
    daily(104 * 7, MONDAY, {
      product: `${i}`,
      quantity: '4',
      of: i <= stopped ? ` WHERE day NOT BETWEEN DATE '2023-12-04' AND DATE '2023-12-04' + ${weeks * 7 - 1}` : '',
    }),
  ),
})

const PRODUCTS: Case[] = [
  [
    19,
    [0.7],
    true,
    {
      sales: sold(
        each(8, (i) => daily(1, MONDAY, { product: `${i + 2}`, price: '3.75' })),
        each(2, (i) => daily(1, MONDAY, { product: `${i}`, price: '35' })),
      ),
    },
  ],
  [19, [0.2], false, { sales: each(10, (i) => daily(1, MONDAY, { product: `${i}` })) }],
  [
    21,
    [1],
    true,
    {
      products: named(
        ['Acme Coat', 'Clothing', 100],
        ['Bolt Coat', 'Clothing', 100],
        ['Acme Socks', 'Clothing', 10],
        ['Bolt Socks', 'Clothing', 10],
        ['The Lake', 'Books', 5],
        ['My Lake', 'Books', 90],
      ),
      sales: lines(1),
    },
  ],
  [
    21,
    [-0.5],
    false,
    {
      products: named(
        ['Acme Coat', 'Clothing', 100],
        ['Bolt Coat', 'Clothing', 10],
        ['Acme Socks', 'Clothing', 100],
        ['Bolt Socks', 'Clothing', 10],
      ),
      sales: lines(1),
    },
  ],
  [
    46,
    [3],
    true,
    {
      products: CLOTHES,
      sales: sold(daily(365, NEW_YEAR, { quantity: when(cold, 3, 1) }), daily(365, NEW_YEAR, { product: '3' })),
    },
  ],
  [46, [1], false, { products: CLOTHES, sales: sold(daily(365, NEW_YEAR), daily(365, NEW_YEAR, { product: '3' })) }],
  ...[2, 1].map(
    (coats): Case => [
      47,
      [coats],
      coats === 2,
      {
        products: CLOTHES,
        cities: ['Chicago, IL', 'Phoenix, AZ'],
        sales: sold(
          lines(1, { quantity: coats }),
          lines(1, { product: '3', quantity: 4 - coats }),
          lines(1, { quantity: 1, store: '2' }),
          lines(1, { product: '3', quantity: 3, store: '2' }),
        ),
      },
    ],
  ),
  [48, [2 / 10 / (104 / 52.18), 0], true, coats(2, 100)],
  [48, [0, 1], false, coats(2, 10)],
  [
    105,
    [-1],
    true,
    {
      sales: each(30, (i) =>
        `SELECT * FROM (${daily(1, MONDAY, { product: `${i}` })}), range(${Math.round(5040 / i)})`.replace(
          'SELECT *',
          'SELECT #1, #2, #3, #4, #5',
        ),
      ),
    },
  ],
  [105, [0], false, { sales: each(30, (i) => daily(1, MONDAY, { product: `${i}` })) }],
  [
    106,
    [0.1],
    true,
    {
      sales: sold(
        each(9, (i) => daily(180, MONDAY, { product: `${i}` })),
        daily(100, '2023-03-15', { product: '10' }),
      ),
    },
  ],
  [106, [0], false, { sales: each(10, (i) => daily(180, MONDAY, { product: `${i}` })) }],
]

const TYPES = ['Keyboard', 'Mouse', 'Gloves', 'Scarf', 'Vase', 'Lamp', 'Rug', 'Mug']
/** Every pair of eight types is bought together 100 times; keyboard and mouse, and gloves and scarf, more often. */
function together(times: number): Shop {
  const pairs = TYPES.flatMap((_, a) => TYPES.flatMap((_, b) => (a < b ? [[a, b]] : [])))
  const baskets = pairs.flatMap(([a, b], i) => {
    const n = 100 * (b === a + 1 && (a === 0 || a === 2) ? times : 1)
    return [a, b].map(
      (type) =>
        `SELECT ${2 * type} + 1 + i % 2, TIMESTAMP '2023-01-02' + to_seconds(${i * 10_000} + i), 1, 10, 1 FROM range(${n}) AS t(i)`,
    )
  })
  return {
    products: named(
      ...TYPES.flatMap((type) =>
        ['Acme', 'Bolt'].map((brand) => [`${brand} ${type}`, 'Home', 10] as [string, string, number]),
      ),
    ),
    sales: sold(...baskets),
  }
}
const promoted = (price: string) =>
  sold(
    each(7, (i) => daily(28, MONDAY, { product: `${i}` })),
    each(3, (i) => daily(28, MONDAY, { product: `${i + 7}`, price })),
  )
const odd = `date_diff('week', DATE '2023-01-02', day) % 2 = 1`
/** Two products that share the sales of the chain; the price of the first halves every other week. */
const halved = (usual: number, halfPrice: number, category = 'Home'): Shop => ({
  products: named(['Plain Thing', 'Home', 10], ['Other Thing', category, 10]),
  sales: sold(
    daily(84, MONDAY, { price: when(odd, 5, 10), quantity: when(odd, halfPrice, usual) }),
    daily(84, MONDAY, { product: '2', quantity: when(odd, 100 - halfPrice, 100 - usual) }),
  ),
})
const lifted = (during: number): Shop => {
  const days = `day BETWEEN DATE '2023-02-13' AND DATE '2023-02-17'`
  return {
    sales: sold(
      daily(60, MONDAY, { price: when(days, 7.5, 10), quantity: when(days, during, 6) }),
      daily(60, MONDAY, { product: '2', quantity: '6' }),
    ),
  }
}

const BASKETS: Case[] = [
  [22, [2], true, { sales: sold(lines(10), lines(10, { product: '2' })) }],
  [22, [1], false, { sales: lines(10) }],
  [25, [0.8], true, { sales: sold(lines(8), lines(2, { quantity: 3 })) }],
  [25, [0.5], false, { sales: sold(lines(5), lines(5, { quantity: 3 })) }],
  [37, [4.375, 4.375], true, together(10)],
  [37, [1, 1], false, together(1)],
  [
    26,
    [0.8],
    true,
    { sales: sold(lines(7, { price: '9.99' }), lines(1, { price: '9.95' }), lines(2, { price: '9.50' })) },
  ],
  [26, [0.5], false, { sales: sold(lines(5, { price: '9.99' }), lines(5, { price: '9.50' })) }],
  [27, [0], true, { sales: each(5, (store) => lines(1, { store: `${store}` })) }],
  [
    27,
    [Math.LN2 * Math.sqrt(0.3)],
    false,
    { sales: each(5, (store) => lines(1, { store: `${store}`, price: store < 3 ? '20' : '10' })) },
  ],
  [30, [0.3], true, { sales: promoted('7.5') }],
  [30, [0], false, { sales: promoted('9.6') }],
  [31, [0.25], true, { sales: promoted('7.5') }],
  [31, [0.6], false, { sales: promoted('4') }],
  [
    29,
    [1 / 11],
    true,
    { sales: daily(365, NEW_YEAR, { price: when('month(day) >= 4', 11, 10), of: ` WHERE year(day) = 2023` }) },
  ],
  [
    29,
    [0],
    false,
    { sales: daily(365, NEW_YEAR, { price: when('day(day) < 20', 7, 10), of: ` WHERE year(day) = 2023` }) },
  ],
  [
    29,
    [1 / 11],
    true,
    {
      sales: daily(365, NEW_YEAR, { of: ` WHERE year(day) = 2023` }),
      prices: `SELECT 1, 10, DATE '2022-01-01' UNION ALL SELECT 1, 12, DATE '2023-05-15'`,
    },
  ],
  [30, [1], false, { sales: daily(365, NEW_YEAR), prices: `SELECT 1, 12, DATE '2022-01-01'` }],
  [32, [4 / 3], true, lifted(12)],
  [32, [1], false, lifted(6)],
  [34, [-2], true, halved(20, 80)],
  [34, [0], false, halved(50, 50)],
  [35, [-1], true, halved(40, 80, 'Sports')],
  [35, [-2], false, halved(20, 80, 'Sports')],
  [107, [1], true, { sales: lines(100) }],
  [107, [99], false, { sales: sold(lines(90), lines(10, { quantity: 99 })) }],
]

/** A shelf that is empty for some of the days 30 to 130. */
const emptyFor = (days: number): Shop => ({
  sales: lines(1),
  moves: sold(move(1, 0, 10, 1, 'opening'), move(1, 130 - days, -10, 1, 'sale'), move(1, 130, 5, 1, 'receipt')),
})
/** Ten deliveries after day 100; the shelf is empty before some of them, from the second on. */
function delivered(empty: number): Shop {
  const before = (i: number) => (i >= 2 && i <= empty + 1 ? 0 : 1)
  const delivery = (i: number) =>
    sold(move(1, 100 + i, 5, 1, 'receipt'), move(1, 100.5 + i, before(i + 1) - before(i) - 5, 1, 'sale'))
  return { sales: lines(1), moves: sold(move(1, 0, 1, 1, 'opening'), each(10, delivery)) }
}
const year = (units: number): Shop => ({
  sales: lines(1, { quantity: units }),
  moves: sold(move(1, 0, 100, 1, 'opening'), move(1, 365, units, 1, 'receipt'), move(1, 365, -100 - units, 1, 'sale')),
})
const gone = (shrunk: number, returned: number): Shop => ({
  sales: lines(1, { quantity: 1000 }),
  moves: sold(
    move(1, 0, 2000, 1, 'opening'),
    move(1, 1, -1000, 1, 'sale'),
    move(1, 2, -shrunk, 1, 'shrink'),
    move(1, 3, returned, 1, 'return'),
  ),
})
const atNoon = (...changes: number[]) =>
  sold(
    ...changes.map(
      (change, i) =>
        `SELECT 1, TIMESTAMP '2023-01-02 12:00:00' - to_hours(${changes.length - 1 - i}), ${change}, 1, 'any'`,
    ),
  )

const STOCK: Case[] = [
  [40, [0.08], true, emptyFor(8)],
  [40, [0.5], false, emptyFor(50)],
  [41, [0.1], true, delivered(1)],
  [41, [0.4], false, delivered(4)],
  [42, [(500 * 365.25) / 365 / 100], true, year(500)],
  [42, [(50 * 365.25) / 365 / 100], false, year(50)],
  [43, [0.015], true, gone(15, 0)],
  [43, [0.1], false, gone(100, 0)],
  [44, [0.07], true, gone(15, 70)],
  [44, [0], false, gone(15, 0)],
  [52, [0], true, { sales: lines(1), moves: atNoon(5, -3, -2) }],
  [52, [1 / 3], false, { sales: lines(1), moves: atNoon(2, -3, 2) }],
  [108, [0], true, { sales: lines(1, { quantity: 2 }), moves: atNoon(5, -2) }],
  [108, [1], false, { sales: lines(1, { quantity: 3 }), moves: atNoon(5, -2) }],
]

test.each([...TIME, ...STORES, ...PRODUCTS, ...BASKETS, ...STOCK])(
  'item %i is %j: in range %s',
  async (id, value, ok, shop) => {
    await open(shop)
    const { measures } = await measure(
      database,
      SCORECARD.find((item) => item.id === id)!,
      await prepareSample(database),
    )
    const close = value.map((figure) => expect.closeTo(figure, id === 105 ? 2 : 6))
    expect(measures.map((each) => each.value)).toEqual(close)
    expect(measures.every((each) => each.ok)).toBe(ok)
  },
)

test.each([
  [40, true],
  [3, false],
])('tails: a store that sells ten times as much on one day in %i', async (every, ok) => {
  const busy = when(`date_diff('day', DATE '2023-01-02', day) % ${every} = 0`, 10, 1)
  await open({
    sales: sold(daily(365, MONDAY, { quantity: busy }), daily(365, MONDAY, { store: '2', quantity: '50' })),
  })
  const { measures } = await measure(database, SCORECARD.find(({ id }) => id === 11)!, await prepareSample(database))
  expect(measures[0].ok).toBe(ok)
})

test('every item that a query can judge has a shop in its range and one outside', () => {
  const cases = [...TIME, ...STORES, ...PRODUCTS, ...BASKETS, ...STOCK]
  for (const { id, sql } of SCORECARD.filter((item) => item.id !== 11))
    if (sql)
      expect(new Set(cases.filter(([of]) => of === id).map(([, , ok]) => ok)), `item ${id}`).toEqual(
        new Set([true, false]),
      )
})
