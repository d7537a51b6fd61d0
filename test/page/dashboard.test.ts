import { readFileSync, renameSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { askRaw, closeShop, type Dashboard, openShop, serve } from '../dashboard-shop.ts'
import { retail, start } from '../tool.ts'
import { drawn, expectWellBehaved, launch, openPage, rowsOf, visit, type Watched } from './browser.ts'

let folder: string
let browser: Browser
let served: Dashboard

beforeAll(async () => {
  ;[folder, browser] = await Promise.all([openShop(), launch()])
  served = await serve(folder)
})
afterAll(async () => {
  served?.kill('SIGKILL')
  await browser?.close()
  if (folder) closeShop(folder)
})

/** A page of its own that must behave to the end. */
async function fresh(options?: Parameters<typeof openPage>[1]): Promise<Watched> {
  const watched = await openPage(browser, options)
  onTestFinished(async () => {
    await watched.context.close()
    expectWellBehaved(watched)
  })
  return watched
}

const SOLD = 'raw.transactions AS sold JOIN raw.store USING (store_id) JOIN raw.product USING (product_id)'
const dollars = (cents: number) => `$${(cents / 100).toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ',')}`
const percent = (change: number) => {
  const text = Math.abs(change * 100).toFixed(Math.abs(change) >= 10 ? 0 : 1)
  return `${Number(text) === 0 ? '±' : change < 0 ? '−' : '+'}${text} %`
}
const marked = (change: number) => `${Math.abs(change) < 0.0005 ? '■' : change < 0 ? '▼' : '▲'} ${percent(change)}`
const count = (n: number) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',')

interface Choice {
  search: string
  where: string
  /** the part of it that says where, not when */
  place: string
  /** the part that says when */
  when: string
}
const IS_PLACE = /^(location|store_id|category)/
const at = (search: string, ...where: string[]): Choice => ({
  search,
  where: ['true', ...where].join(' AND '),
  place: where.filter((one) => IS_PLACE.test(one)).join(' AND ') || 'true',
  when: where.filter((one) => !IS_PLACE.test(one)).join(' AND ') || 'true',
})
const year = (n: number) => `year(sold."timestamp") = ${n}`
const month = (n: number) => `month(sold."timestamp") = ${n}`

describe('the page says what SQL over raw says', () => {
  let city: string
  let store: string
  beforeAll(async () => {
    const [row] = await askRaw(
      folder,
      `SELECT location, min(store_id) AS store FROM ${SOLD} GROUP BY 1 ORDER BY count(*) DESC LIMIT 1 OFFSET 3`,
    )
    city = row.location
    store = row.store
  })
  const choices: [string, () => Choice][] = [
    ['everything', () => at('')],
    ['2023', () => at('year=2023', year(2023))],
    ['2024', () => at('year=2024', year(2024))],
    ['November 2023', () => at('year=2023&month=11', year(2023), month(11))],
    ['December 2023', () => at('year=2023&month=12', year(2023), month(12))],
    ['January 2024', () => at('year=2024&month=1', year(2024), month(1))],
    ['February 2024', () => at('year=2024&month=2', year(2024), month(2))],
    ['March 2024, going on', () => at('year=2024&month=3', year(2024), month(3))],
    ['every December', () => at('month=12', month(12))],
    ['every February', () => at('month=2', month(2))],
    ['a state', () => at('state=CA', `location LIKE '%, CA'`)],
    ['a state in a month', () => at('state=TX&year=2024&month=1', `location LIKE '%, TX'`, year(2024), month(1))],
    ['a location', () => at(`location=${encodeURIComponent(city)}`, `location = '${city}'`)],
    [
      'a location in a year',
      () => at(`location=${encodeURIComponent(city)}&year=2024`, `location = '${city}'`, year(2024)),
    ],
    [
      'a range of days',
      () => at('from=2023-12-10&to=2024-02-03', `sold."timestamp" >= '2023-12-10' AND sold."timestamp" < '2024-02-04'`),
    ],
    [
      'a range of days to the end, in a state',
      () => at('from=2024-02-20&state=TX', `sold."timestamp" >= '2024-02-20'`, `location LIKE '%, TX'`),
    ],
    ['a store', () => at(`store=${store}`, `store_id = '${store}'`)],
    ['a category', () => at('category=Books', `category = 'Books'`)],
    [
      'a category of a store in a range of days',
      () =>
        at(
          `from=2024-01-05&to=2024-01-25&category=Sports&store=${store}`,
          `sold."timestamp" >= '2024-01-05' AND sold."timestamp" < '2024-01-26'`,
          `store_id = '${store}'`,
          `category = 'Sports'`,
        ),
    ],
    ['states as rows', () => at('rows=states&year=2024', year(2024))],
  ]

  test.each(choices)('of %s', async (_name, choose) => {
    const { search, where, place, when } = choose()
    const { page } = await fresh()
    await visit(page, `${served.url}?${search}&tables=states+heatmap+daily&all=1`)
    const sums = 'CAST(sum(quantity * unit_price) * 100 AS BIGINT) AS cents, sum(quantity) AS units, count(*) AS lines'

    const [total] = await askRaw(folder, `SELECT ${sums} FROM ${SOLD} WHERE ${where}`)
    expect(await page.$$eval('.figure .value', (values) => values.map((value) => value.getAttribute('title')))).toEqual(
      [
        dollars(Number(total.cents)),
        count(Number(total.units)),
        count(Number(total.lines)),
        dollars(Number(total.cents) / Number(total.lines)),
      ],
    )

    const states = await askRaw(
      folder,
      `SELECT right(location, 2) AS state, ${sums} FROM ${SOLD} WHERE ${where} GROUP BY 1`,
    )
    expect((await rowsOf(page, '[data-view=states]')).sort()).toEqual(
      states
        .map(({ state, cents, lines }) => [
          state,
          dollars(Math.round(Number(cents) / Number(lines))),
          dollars(Number(cents)),
          count(Number(lines)),
        ])
        .sort(),
    )

    const name = search.includes('rows=states') ? 'right(location, 2)' : 'location'
    const cells = await askRaw(
      folder,
      `SELECT ${name} AS name, strftime(sold."timestamp", '%Y-%m') AS month, ${sums} FROM ${SOLD} WHERE ${where} GROUP BY 1, 2`,
    )
    const heat = await rowsOf(page, '[data-view=heatmap]')
    const months = (
      await page.$$eval('[data-view=heatmap] thead th', (all) => all.map((one) => one.textContent ?? ''))
    ).slice(1, -1)
    expect(heat).toHaveLength(Math.min(name === 'location' ? 20 : 51, new Set(cells.map((cell) => cell.name)).size))
    const cut = [search.slice(5, 12), search.slice(19, 26), '2024-03']
    expect(months.filter((month) => month.includes('incomplete'))).toEqual(
      months.filter((month) => cut.includes(month.slice(0, 7))),
    )
    for (const [row, ...shown] of heat) {
      const its = cells.filter((cell) => cell.name === row)
      expect(shown, row).toEqual([
        ...months.map((month) => {
          const cell = its.find((one) => one.month === month.slice(0, 7))
          return cell ? dollars(Number(cell.cents)) : '–'
        }),
        dollars(its.reduce((sum, { cents }) => sum + Number(cents), 0)),
      ])
    }

    const tops = await askRaw(
      folder,
      `SELECT category, location, ${sums} FROM ${SOLD} WHERE ${where} GROUP BY 1, 2 ORDER BY category, cents DESC, location`,
    )
    const shownTop = await page.$$eval('[data-view=top] tbody', (bodies) =>
      bodies.map((body) =>
        [...body.querySelectorAll('tr')].map((row) => ({
          name: row.querySelector('th')?.textContent,
          share: row.querySelector('.metered span')?.textContent,
          money: row.querySelector('td:last-child')?.getAttribute('title'),
        })),
      ),
    )
    expect(shownTop).toHaveLength(new Set(tops.map(({ category }) => category)).size)
    for (const [head, ...rows] of shownTop) {
      const sold = tops.filter(({ category }) => category === head.name)
      const all = sold.reduce((sum, { cents }) => sum + Number(cents), 0)
      expect(rows).toEqual(
        sold.slice(0, 3).map(({ location, cents }) => ({
          name: location,
          share: `${((Number(cents) / all) * 100).toFixed(1)} %`,
          money: dollars(Number(cents)),
        })),
      )
    }

    const days = await askRaw(
      folder,
      `SELECT DISTINCT CAST(sold."timestamp" AS DATE)::VARCHAR AS day FROM ${SOLD} WHERE ${when}`,
    )
    const before = await askRaw(
      folder,
      `SELECT location, CAST(sold."timestamp" AS DATE)::VARCHAR AS day, ${sums} FROM ${SOLD} WHERE ${place} GROUP BY 1, 2`,
    )
    const revenue = new Map(before.map((row) => [`${row.location} ${row.day}`, Number(row.cents)]))
    const columns = await page.$$eval('[data-view=daily] thead th', (all) => all.map((one) => one.textContent ?? ''))
    const daily = await rowsOf(page, '[data-view=daily]')
    expect(daily.length).toBe(days.length)
    for (const [day, ...shown] of daily)
      shown.forEach((text, i) => {
        const name = columns[i + 1].replace(/ (revenue|change)$/, '')
        const eve = new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10)
        const [now, then] = [revenue.get(`${name} ${day}`), revenue.get(`${name} ${eve}`)]
        if (columns[i + 1].endsWith(' revenue')) expect(text, day).toBe(now === undefined ? '–' : dollars(now))
        else expect(text, day).toBe(now && then ? percent(now / then - 1) : '–')
      })

    const level = /store=|location=/.test(search)
      ? 'store_id'
      : search.includes('state=')
        ? 'location'
        : 'right(location, 2)'
    const below = await askRaw(
      folder,
      // A chosen store is shown beside the others of its location.
      `SELECT ${level} AS name, ${sums} FROM ${SOLD} WHERE ${where.replace(/store_id = '\w+'/, `location = '${city}'`)} GROUP BY 1 ORDER BY cents DESC, 1`,
    )
    const all = below.reduce((sum, { cents }) => sum + Number(cents), 0)
    const shownPlaces = await page.$$eval('[data-view=places] tbody tr', (rows) =>
      rows.map((row) => [row.querySelector('td')?.textContent, row.querySelector('[title]')?.getAttribute('title')]),
    )
    expect(shownPlaces).toEqual(
      below.map(({ cents }) => [`${((Number(cents) / all) * 100).toFixed(1)} %`, dollars(Number(cents))]),
    )

    const levels = await askRaw(
      folder,
      `SELECT category, sum(n) AS on_hand, count(*) AS places, sum(CASE WHEN n <= 0 THEN 1 ELSE 0 END) AS gone
      FROM (SELECT store_id, product_id, sum(quantity_change) AS n FROM raw.inventories GROUP BY 1, 2)
      JOIN raw.store USING (store_id) JOIN raw.product USING (product_id) WHERE ${place} GROUP BY 1 ORDER BY 1`,
    )
    const stock = await rowsOf(page, '[data-view=stock] .scroll:first-child')
    expect(stock.map(([category, held, out]) => [category, held, out.slice(out.length / 2)])).toEqual(
      levels.map(({ category, on_hand, places, gone }) => [
        category,
        count(Number(on_hand)),
        `${((Number(gone) / Number(places)) * 100).toFixed(1)} %`,
      ]),
    )
  })
})

describe('a change', () => {
  const part = (from: string, to: string) =>
    `sum(CASE WHEN sold."timestamp" >= '${from}' AND sold."timestamp" < '${to}' THEN quantity * unit_price ELSE 0 END)`
  test.each([
    ['the month before', 'year=2024&month=1', ['2024-01-01', '2024-02-01'], ['2023-12-01', '2024-01-01']],
    ['the days before', 'year=2024&month=3', ['2024-03-01', '2024-03-21'], ['2024-02-01', '2024-02-21']],
    ['the last whole month', '', ['2024-02-01', '2024-03-01'], ['2024-01-01', '2024-02-01']],
  ])('of a key figure is against %s, in the place that is chosen', async (_name, search, [from, to], [start, end]) => {
    const { page } = await fresh()
    for (const [place, where] of [
      ['', 'true'],
      ['&state=CA', `location LIKE '%, CA'`],
    ]) {
      await visit(page, `${served.url}?${search}${place}`)
      const [row] = await askRaw(
        folder,
        `SELECT ${part(from, to)} AS now, ${part(start, end)} AS before FROM ${SOLD} WHERE ${where}`,
      )
      expect(await page.textContent('.figure .delta span')).toBe(marked(Number(row.now) / Number(row.before) - 1))
    }
  })

  test('is none without a comparison period, or if comparison is off', async () => {
    const { page } = await fresh()
    for (const search of ['year=2024&month=1&compare=year', 'year=2024&month=1&compare=off', 'year=2023&month=11']) {
      await visit(page, `${served.url}?${search}`)
      expect(await page.locator('.figure .delta span').count(), search).toBe(0)
    }
  })
})

test.each([
  ['', 'true'],
  ['&state=CA', `location LIKE '%, CA'`],
])('a change of units is against the calendar month before, for every location%s', async (place, where) => {
  const { page } = await fresh()
  await visit(page, `${served.url}?year=2024&month=1&all=1${place}`)
  const rows = await askRaw(
    folder,
    `SELECT location, sum(CASE WHEN ${year(2024)} THEN quantity ELSE 0 END) AS now, sum(CASE WHEN ${year(2023)} THEN quantity ELSE 0 END) AS before
    FROM ${SOLD} WHERE sold."timestamp" >= '2023-12-01' AND sold."timestamp" < '2024-02-01' AND ${where} GROUP BY 1 ORDER BY 2 DESC, 1`,
  )
  expect(await rowsOf(page, '[data-view=change]')).toEqual(
    rows.map(({ location, now, before }) => [
      location,
      count(Number(now)),
      count(Number(before)),
      marked(Number(now) / Number(before) - 1),
    ]),
  )
})

test('a month that is going on is compared day for day', async () => {
  const { page } = await fresh()
  await visit(page, `${served.url}?year=2024&month=3`)
  expect(await page.textContent('[data-view=change] .about')).toBe(
    'Units sold in 1–20 March 2024 against 1–20 February 2024, by location',
  )
})

describe('revenue over time', () => {
  test.each(['day', 'week', 'month'])('is the sum of each %s', async (unit) => {
    const { page } = await fresh()
    for (const [search, where] of [
      ['', 'true'],
      ['&from=2023-12-10&to=2024-02-03', `sold."timestamp" >= '2023-12-10' AND sold."timestamp" < '2024-02-04'`],
      ['&month=2&state=CA', `${month(2)} AND location LIKE '%, CA'`],
    ]) {
      await visit(page, `${served.url}?by=${unit}&tables=timeline${search}`)
      const rows = await askRaw(
        folder,
        `SELECT CAST(greatest(date_trunc('${unit}', sold."timestamp"), ${search.includes('from') ? "DATE '2023-12-10'" : "DATE '2023-11-01'"}) AS DATE)::VARCHAR AS start,
        CAST(sum(quantity * unit_price) * 100 AS BIGINT) AS cents, sum(quantity) AS units, count(*) AS lines FROM ${SOLD} WHERE ${where} GROUP BY 1 ORDER BY 1`,
      )
      const shown = await rowsOf(page, '[data-view=timeline]')
      expect(shown.map(([at, ...cells]) => [at.slice(0, unit === 'month' ? 7 : 10), ...cells])).toEqual(
        rows.map(({ start, cents, units, lines }) => [
          // A week of the chosen month may begin in another one.
          search.includes('month=') && start.slice(5, 7) !== '02'
            ? `${start.slice(0, 4)}-02-01`
            : start.slice(0, unit === 'month' ? 7 : 10),
          dollars(Number(cents)),
          count(Number(units)),
          count(Number(lines)),
        ]),
      )
    }
  })

  test('a click on a point chooses its days, a key does so in the table, and Back returns', async () => {
    const { page } = await fresh()
    await visit(page, `${served.url}?by=month`)
    const chart = page.locator('[data-view=timeline] .chart')
    const box = await chart.boundingBox()
    await chart.click({ position: { x: (box?.width ?? 0) - 22, y: 100 } })
    await drawn(page)
    expect(new URL(page.url()).search).toBe('?from=2024-03-01&to=2024-03-20')
    expect(await page.inputValue('#from')).toBe('2024-03-01')
    expect(await page.textContent('.subtitle')).toContain('March 2024 (March 2024 to 20 March)')
    await page.goBack()
    await drawn(page)
    await page.click('[data-view=timeline] button:has-text("Weeks")')
    await page.click('[data-view=timeline] button:has-text("Table")')
    await page.focus('[data-view=timeline] tbody tr:nth-child(3) button')
    await page.keyboard.press('Enter')
    await drawn(page)
    expect(new URL(page.url()).search).toBe('?from=2023-11-13&to=2023-11-19&tables=timeline')
    expect((await rowsOf(page, '[data-view=timeline]')).length).toBe(7)
  })

  test('is marked where a point has fewer days', async () => {
    const { page } = await fresh()
    await visit(page, `${served.url}?by=month`)
    expect(await page.locator('[data-view=timeline] .mark').count()).toBe(1)
    expect(await page.textContent('[data-view=timeline] .note')).toBe('A circle is an incomplete month.')
    await visit(page, `${served.url}?by=month&year=2023`)
    expect(await page.locator('[data-view=timeline] .mark').count()).toBe(0)
  })
})

describe('a range of dates', () => {
  test('is chosen by days, excludes a year, and is compared with the days before it', async () => {
    const { page } = await fresh()
    await visit(page, `${served.url}?year=2024`)
    await page.fill('#from', '2024-01-10')
    await drawn(page)
    await page.fill('#to', '2024-01-19')
    await drawn(page)
    expect(new URL(page.url()).search).toBe('?from=2024-01-10&to=2024-01-19')
    expect(await page.inputValue('#year')).toBe('')
    const [row] = await askRaw(
      folder,
      `SELECT sum(CASE WHEN sold."timestamp" >= '2024-01-10' THEN quantity * unit_price ELSE 0 END) AS now,
      sum(CASE WHEN sold."timestamp" < '2024-01-10' THEN quantity * unit_price ELSE 0 END) AS before
      FROM ${SOLD} WHERE sold."timestamp" >= '2023-12-31' AND sold."timestamp" < '2024-01-20'`,
    )
    expect(await page.textContent('.figure .delta')).toBe(
      `${marked(Number(row.now) / Number(row.before) - 1)} 10–19 January 2024 against 2023-12-31 to 2024-01-09`,
    )
    expect(await page.textContent('[data-view=change] .about')).toBe(
      'Units sold in 10–19 January 2024 against 2023-12-31 to 2024-01-09, by location',
    )
    await page.selectOption('#month', '2')
    await drawn(page)
    expect(new URL(page.url()).search).toBe('?month=2')
    await page.fill('#to', '2023-12-05')
    await page.fill('#from', '2024-01-01')
    await drawn(page)
    expect(new URL(page.url()).search).toBe('?from=2024-01-01&to=2024-01-01')
  })

  test('that ends before it begins is refused with the reason, by the tool and by the server', async () => {
    const { code, stderr } = await retail(folder, 'dashboard --json --from 2024-02-02 --to 2024-02-01')
    expect([code, stderr]).toEqual([2, expect.stringContaining('2024-02-02 is after 2024-02-01')])
    expect((await fetch(`${served.url}api/kpi?from=2024-02-02&to=2024-02-01`)).status).toBe(400)
    expect((await fetch(`${served.url}api/kpi?from=2024-02-30`)).status).toBe(400)
  })
})

describe('a month of which the data has only a part', () => {
  test('is marked in every view of a period that has it, and does not span the colors', async () => {
    const { page } = await fresh()
    await visit(page, served.url)
    expect(await page.textContent('.subtitle')).toContain('(March 2024 to 20 March)')
    for (const view of ['timeline', 'places', 'states', 'heatmap', 'top', 'daily'])
      expect(await page.textContent(`[data-view=${view}] .about`), view).toContain('(March 2024 incomplete)')
    const heads = await page.$$eval('[data-view=heatmap] .middle:first-child text', (all) =>
      all.map((one) => one.textContent),
    )
    expect(heads).toEqual(['Nov 2023', 'Dec 2023', 'Jan 2024', 'Feb 2024', 'Mar 2024*'])
    const columns = await page.$$eval('[data-view=heatmap] rect[data-cell]', (cells) =>
      cells.map((cell) => [cell.getAttribute('data-cell')?.split(' ')[1], cell.getAttribute('class')]),
    )
    for (const [column, kind] of columns) expect(kind).toBe(column === '4' ? 'part' : null)
    const [least] = await askRaw(
      folder,
      `WITH cells AS (SELECT location, strftime(sold."timestamp", '%Y-%m') AS month, sum(quantity * unit_price) AS money FROM ${SOLD} GROUP BY 1, 2),
      shown AS (SELECT location FROM cells GROUP BY 1 ORDER BY sum(money) DESC LIMIT 20)
      SELECT round(min(money)) AS money FROM cells JOIN shown USING (location) WHERE month <> '2024-03'`,
    )
    const legend = await page.textContent('[data-view=heatmap] .legend span')
    expect(Number(legend?.replace(/[$K]/g, '')) * (legend?.endsWith('K') ? 1000 : 1)).toBeCloseTo(
      Number(least.money),
      -2,
    )
    await visit(page, `${served.url}?year=2023`)
    for (const place of ['.subtitle', '[data-view=states] .about', '[data-view=heatmap] .about'])
      expect(await page.textContent(place), place).not.toContain('March')
  })
})

test('numbers per day make months of different length comparable', async () => {
  const { page } = await fresh()
  await visit(page, `${served.url}?year=2024&month=2&tables=heatmap&all=1`)
  await page.selectOption('#per', 'day')
  await drawn(page)
  expect(new URL(page.url()).searchParams.get('per')).toBe('day')
  const [total] = await askRaw(
    folder,
    `SELECT CAST(sum(quantity * unit_price) * 100 AS BIGINT) AS cents, sum(quantity) AS units FROM ${SOLD} WHERE ${year(2024)} AND ${month(2)}`,
  )
  const values = () => page.$$eval('.figure .value', (all) => all.map((one) => one.getAttribute('title')))
  expect((await values()).slice(0, 2)).toEqual([
    dollars(Math.round(Number(total.cents) / 29)),
    count(Math.round(Number(total.units) / 2.9) / 10),
  ])
  const rows = await askRaw(
    folder,
    `SELECT location, sum(CASE WHEN ${month(2)} THEN quantity ELSE 0 END) / 29 AS now, sum(CASE WHEN ${month(1)} THEN quantity ELSE 0 END) / 31 AS before
    FROM ${SOLD} WHERE sold."timestamp" >= '2024-01-01' AND sold."timestamp" < '2024-03-01' GROUP BY 1`,
  )
  const changed = await rowsOf(page, '[data-view=change]')
  expect(changed.length).toBe(rows.length)
  for (const [location, , , moved] of changed) {
    const row = rows.find((one) => one.location === location)
    expect(moved, location).toBe(marked(Number(row?.now) / Number(row?.before) - 1))
  }
  const cells = await askRaw(
    folder,
    `SELECT location, CAST(sum(quantity * unit_price) * 100 AS BIGINT) AS cents FROM ${SOLD} WHERE ${year(2024)} AND ${month(2)} GROUP BY 1`,
  )
  for (const [location, shown] of await rowsOf(page, '[data-view=heatmap]'))
    expect(shown).toBe(dollars(Math.round(Number(cells.find((one) => one.location === location)?.cents) / 29)))
  const csv = await (await page.request.get(new URL('/export/kpi.csv?year=2024&per=day', served.url).href)).text()
  expect(csv).toContain('\r\n2024-03-01 (incomplete),')
})

test('stock is the sum of all movements, and empty shelves are counted', async () => {
  const { page } = await fresh()
  await visit(page, served.url)
  const levels = await askRaw(
    folder,
    `SELECT category, sum(n) AS on_hand, count(*) AS places, sum(CASE WHEN n <= 0 THEN 1 ELSE 0 END) AS gone
    FROM (SELECT store_id, product_id, sum(quantity_change) AS n FROM raw.inventories GROUP BY 1, 2) JOIN raw.product USING (product_id)
    GROUP BY 1 ORDER BY 1`,
  )
  expect(await rowsOf(page, '[data-view=stock] .scroll:first-child')).toEqual(
    levels.map(({ category, on_hand, places, gone }) => [
      category,
      count(Number(on_hand)),
      expect.stringContaining(`${((Number(gone) / Number(places)) * 100).toFixed(1)} %`),
    ]),
  )
  const worst = await rowsOf(page, '[data-view=stock] .scroll:nth-child(2)')
  const shares = worst.map((row) => Number.parseFloat(row[3].split('%')[0].trim()))
  expect(worst.length).toBeLessThanOrEqual(20)
  expect(shares).toEqual([...shares].sort((a, b) => b - a))
})

test('stock-outs over time are what the movements up to the end of each month leave, and a point leads to its month', async () => {
  const { page } = await fresh()
  const [{ store }] = await askRaw(folder, 'SELECT max(store_id) AS store FROM raw.store')
  for (const [search, where, months] of [
    ['', 'true', 5],
    [
      '&from=2023-12-10&to=2024-02-03&state=CA',
      `location LIKE '%, CA' AND month BETWEEN '2023-12-01' AND '2024-02-01'`,
      3,
    ],
    [`&store=${store}&category=Books`, `store_id = '${store}' AND category = 'Books'`, 5],
  ] as const) {
    await visit(page, `${served.url}?tables=stockouts${search}`)
    const ends = await askRaw(
      folder,
      `SELECT month::VARCHAR AS month, count(*) AS items, sum(CASE WHEN n <= 0 THEN 1 ELSE 0 END) AS gone, sum(n) AS units
      FROM (SELECT month, store_id, product_id, sum(quantity_change) AS n
        FROM (SELECT DISTINCT date_trunc('month', "timestamp") AS month FROM raw.inventories)
        JOIN raw.inventories ON "timestamp" < month + INTERVAL 1 MONTH GROUP BY ALL)
      JOIN raw.store USING (store_id) JOIN raw.product USING (product_id) WHERE ${where} GROUP BY 1 ORDER BY 1`,
    )
    expect(ends).toHaveLength(months)
    expect(await rowsOf(page, '[data-view=stockouts]')).toEqual(
      ends.map(({ month, items, gone, units }) => [
        `${month.slice(0, 7)}${month.startsWith('2024-03') ? ' (incomplete)' : ''}`,
        `${((Number(gone) / Number(items)) * 100).toFixed(1)} %`,
        ...[gone, items, units].map((n) => count(Number(n))),
      ]),
    )
  }
  await visit(page, served.url)
  expect(await page.locator('[data-view=stockouts] .mark').count()).toBe(1)
  const chart = page.locator('[data-view=stockouts] .chart')
  await chart.click({ position: { x: ((await chart.boundingBox())?.width ?? 0) - 22, y: 100 } })
  await drawn(page)
  expect(new URL(page.url()).search).toBe('?from=2024-03-01&to=2024-03-31')
})

test('the stock of a store leads to its products, those that are out of stock first', async () => {
  const { page } = await fresh()
  const [{ store }] = await askRaw(folder, 'SELECT min(store_id) AS store FROM raw.store')
  for (const [search, where] of [
    ['', 'true'],
    ['&category=Sports', `category = 'Sports'`],
  ]) {
    await visit(page, `${served.url}?store=${store}${search}`)
    const items = await askRaw(
      folder,
      `SELECT product.name, category, sum(quantity_change) AS n FROM raw.inventories JOIN raw.product USING (product_id)
      WHERE store_id = '${store}' AND ${where} GROUP BY product_id, 1, 2 ORDER BY n, product_id LIMIT 100`,
    )
    expect(await rowsOf(page, '[data-view=stock] .scroll:nth-child(2)')).toEqual(
      items.map(({ name, category, n }) => [name, category, Number(n) <= 0 ? 'out of stock' : count(Number(n))]),
    )
  }
  const csv = await (await page.request.get(new URL(`/export/stock.csv?store=${store}`, served.url).href)).text()
  expect(csv).toMatch(/^location,category,product,on hand,/)
})

test('the stock of a store leads to a product in its location, and the stock of that leads back to a store', async () => {
  const { page } = await fresh()
  const [{ store, location }] = await askRaw(
    folder,
    'SELECT store_id AS store, location FROM raw.store ORDER BY 1 LIMIT 1',
  )
  await visit(page, `${served.url}?store=${store}`)
  const first = page.locator('[data-view=stock] .scroll:nth-child(2) tbody button').first()
  const name = await first.textContent()
  await first.focus()
  await page.keyboard.press('Enter')
  await drawn(page)
  const product = new URL(page.url()).searchParams.get('product')
  expect(new URL(page.url()).search).toBe(
    `?location=${encodeURIComponent(location).replaceAll('%20', '+')}&product=${product}`,
  )
  expect(await page.textContent('.trail [aria-current=location]')).toBe(name)
  const sold = `FROM ${SOLD} WHERE product_id = '${product}' AND location = '${location}'`
  const months = await askRaw(
    folder,
    `SELECT strftime("timestamp", '%Y-%m') AS month, CAST(sum(quantity * unit_price) * 100 AS BIGINT) AS cents ${sold} GROUP BY 1 ORDER BY 1`,
  )
  const total = months.reduce((sum, { cents }) => sum + Number(cents), 0)
  expect(await page.getAttribute('.figure .value', 'title')).toBe(dollars(total))
  const csv = async (view: string, search: string) =>
    (await (await page.request.get(new URL(`/export/${view}.csv?${search}`, served.url).href)).text())
      .trim()
      .split('\r\n')
      .map((line) => line.split(','))
  const place = `location=${encodeURIComponent(location)}`
  const points = (await csv('timeline', `${place}&product=${product}&by=day`)).slice(1)
  expect(
    points.filter(([, revenue]) => Number(revenue) > 0).map(([month, revenue]) => [month.slice(0, 7), Number(revenue)]),
  ).toEqual(months.map(({ month, cents }) => [month, Number(cents) / 100]))
  const ranked = await askRaw(
    folder,
    `SELECT product_id AS product, CAST(sum(quantity * unit_price) * 100 AS BIGINT) AS cents FROM ${SOLD}
    WHERE location = '${location}' AND month("timestamp") = 2 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 100`,
  )
  const products = (await csv('products', `${place}&from=2024-02-10&to=2024-02-20`)).slice(1)
  expect(products.map((cells) => cells[0])).toEqual(ranked.map(({ product }) => product))
  expect(await page.locator(`[data-view=stock] .scroll:nth-child(2) tbody tr`).count()).toBeGreaterThan(0)
  await page.locator('[data-view=stock] .scroll:nth-child(2) tbody button').first().click()
  await drawn(page)
  expect(new URL(page.url()).search).toMatch(/^\?store=S\d+$/)
})

describe('what is chosen', () => {
  test('the map has fifty states and the District, and a click chooses one', async () => {
    const { page } = await fresh()
    await visit(page, served.url)
    const codes = await page.$$eval('[data-view=states] path[data-state]', (paths) =>
      paths.map((each) => (each instanceof SVGElement ? each.dataset.state : '')),
    )
    expect(new Set(codes).size).toBe(51)
    await page.locator('path[data-state=TX]').click()
    await drawn(page)
    expect(new URL(page.url()).search).toBe('?state=TX')
    expect(await page.textContent('.subtitle')).toContain('Texas')
    await page.locator('path[data-state=TX]').click()
    expect(new URL(page.url()).search).toBe('')
  })

  test('a cell of the heatmap chooses its month and place, a row its place', async () => {
    const { page } = await fresh()
    await visit(page, served.url)
    await page.locator('rect[data-cell]').first().click()
    await drawn(page)
    const search = new URL(page.url()).searchParams
    expect([search.get('year'), search.get('month')]).toEqual(['2023', '11'])
    expect(search.get('location')).toMatch(/, [A-Z]{2}$/)
    await page.goBack()
    await drawn(page)
    const name = await page.locator('[data-view=change] tbody button').nth(2).textContent()
    await page.locator('[data-view=change] tbody button').nth(2).click()
    expect(new URL(page.url()).searchParams.get('location')).toBe(name)
  })

  test('is in the address: another page shows the same, and Back undoes it', async () => {
    const { page, context } = await fresh()
    await visit(page, served.url)
    await page.selectOption('#year', '2024')
    await page.selectOption('#month', '2')
    await page.fill('#location', 'california')
    await page.press('#location', 'Enter')
    await page.selectOption('#compare', 'year')
    await page.selectOption('#colours', 'viridis')
    await page.click('text=Dark')
    await page.click('[data-view=states] .actions button:has-text("Table")')
    await page.click('[data-view=heatmap] button:has-text("States")')
    await drawn(page)
    const search = new URL(page.url()).searchParams
    expect(Object.fromEntries(search)).toEqual({
      year: '2024',
      month: '2',
      state: 'CA',
      compare: 'year',
      rows: 'states',
      colours: 'viridis',
      theme: 'dark',
      tables: 'states',
    })
    const other = await context.newPage()
    await visit(other, page.url())
    const said = (one: Page) => one.evaluate(() => document.querySelector('main')?.textContent)
    expect(await said(other)).toBe(await said(page))
    for (let i = 0; i < 8; i++) await page.goBack()
    await drawn(page)
    expect(new URL(page.url()).search).toBe('')
    expect(await page.inputValue('#year')).toBe('')
  })

  test.each([
    ['', '[data-view=heatmap] button:has-text("States")'],
    ['?state=TX&rows=states', '.trail button:has-text("All states")'],
  ])('a click counts although answers arrive while the button is pressed, from %j on %s', async (search, button) => {
    const { page } = await fresh()
    await visit(page, `${served.url}${search}`)
    let answer = () => {}
    await page.route('**/api/panels?*', async (route) => {
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      await route.continue()
    })
    await page.selectOption('#year', '2024')
    await page.hover(button)
    await page.mouse.down()
    answer()
    await drawn(page)
    await page.unroute('**/api/panels?*')
    await page.mouse.up()
    await drawn(page)
    expect(new URL(page.url()).search).toBe('?year=2024&rows=states')
    expect(await page.textContent('[data-view=heatmap] .about')).toBe(
      'Revenue by state and month, 2024 (March 2024 incomplete)',
    )
  })

  test('a place that has no store is told', async () => {
    const { page } = await fresh()
    await visit(page, served.url)
    await page.fill('#location', 'Atlantis, GA')
    await page.press('#location', 'Enter')
    expect(await page.textContent('#wrong')).toBe('No store is in “Atlantis, GA”.')
  })

  test.each([
    ['year=2024&month=4', 'No sales in April 2024.', 'retail backfill --to 2024-04-30'],
    ['year=2031', 'No sales in 2031.', 'retail backfill --to 2031-12-31'],
    ['month=7', 'No sales in any July.', 'retail backfill --to 2024-07-31'],
    ['year=2020', 'No sales in 2020.', 'later year'],
    ['from=2024-05-03&to=2024-05-09', 'No sales in 3–9 May 2024.', 'retail backfill --to 2024-05-09'],
    ['to=2023-10-09&from=2023-10-01', 'No sales in 1–9 October 2023.', 'later days'],
    ['store=S9999', 'There is no store S9999.', 'Choose a location'],
    ['category=Toys', 'There is no category Toys.', 'Books'],
    ['location=Atlantis%2C+GA', 'No store is in Atlantis, GA.', 'from the list'],
  ])('%s is empty, and says what to do', async (search, message, hint) => {
    const { page } = await fresh()
    await page.goto(`${served.url}?${search}`)
    await page.waitForSelector('.notice .trouble')
    expect(await page.textContent('.notice')).toContain(message)
    expect(await page.textContent('.notice')).toContain(hint)
    expect(await page.locator('[data-view=states]').isVisible()).toBe(false)
  })
})

test('a name that is a piece of HTML is shown as it is written', async () => {
  const { page } = await fresh()
  const [{ location }] = await askRaw(
    folder,
    `SELECT location FROM ${SOLD} GROUP BY 1 ORDER BY sum(quantity * unit_price) DESC LIMIT 1`,
  )
  const evil = '<img src=x onerror=alert(1)>, TX'
  // The answers come in the page, or after it when the machine is busy.
  await page.route(/\/(api\/panels.*)?$/, async (route) => {
    const response = await route.fetch()
    const written = JSON.stringify(evil).replaceAll('<', '\\u003c')
    await route.fulfill({ response, body: (await response.text()).replaceAll(JSON.stringify(location), written) })
  })
  await visit(page, served.url)
  for (const view of ['change', 'top', 'heatmap', 'daily'])
    expect(await page.textContent(`[data-view=${view}] .body`), view).toContain(evil)
  await page.locator('rect[data-cell]').first().hover()
  expect(await page.textContent('.tip.shown')).toContain(evil)
  expect(await page.locator('img').count()).toBe(0)
})

test('the way leads from the states to a store and back, and each step is an address', async () => {
  const { page } = await fresh()
  await visit(page, served.url)
  const trail = () => page.$$eval('.trail li', (all) => all.map((one) => one.textContent))
  expect(await trail()).toEqual(['All states'])
  const names: string[] = []
  for (const depth of [1, 2, 3]) {
    const button = page.locator('[data-view=places] tbody button').first()
    names.push((await button.textContent()) ?? '')
    await button.focus()
    await page.keyboard.press('Enter')
    await drawn(page)
    expect((await trail()).length).toBe(depth + 1)
  }
  const [state, city, store] = names
  expect(await trail()).toEqual(['All states', state, city, `Store ${store}`])
  expect(await page.locator('.trail [aria-current=location]').textContent()).toBe(`Store ${store}`)
  expect(new URL(page.url()).search).toBe(`?store=${store}`)
  expect(await page.textContent('.subtitle')).toContain(`store ${store} in ${city}`)
  const [row] = await askRaw(
    folder,
    `SELECT CAST(sum(quantity * unit_price) * 100 AS BIGINT) AS cents FROM ${SOLD} WHERE store_id = '${store}'`,
  )
  expect(await page.getAttribute('.figure .value', 'title')).toBe(dollars(Number(row.cents)))
  await page.selectOption('#category', 'Books')
  await drawn(page)
  expect(new URL(page.url()).search).toBe(`?store=${store}&category=Books`)
  await page.click('.trail button:has-text("All states")')
  await drawn(page)
  expect(new URL(page.url()).search).toBe('?category=Books')
  await page.goBack()
  await drawn(page)
  expect(await trail()).toEqual(['All states', state, city, `Store ${store}`])
  await page.fill('#location', city)
  await page.press('#location', 'Enter')
  await drawn(page)
  expect(new URL(page.url()).search).toBe(`?location=${encodeURIComponent(city).replaceAll('%20', '+')}&category=Books`)
  await page.fill('#location', store.toLowerCase())
  await page.press('#location', 'Enter')
  await drawn(page)
  expect(new URL(page.url()).search).toBe(`?store=${store}&category=Books`)
})

test("panels of the user's project are drawn, and their text is only text", async () => {
  const { page } = await fresh()
  const evil = '<img src=x onerror=alert(1)></script>'
  const own = [
    { type: 'number', x: undefined, y: ['n'], columns: ['n'], rows: [[1234.5]], says: '$1,234.50' },
    { type: 'bar', x: 'name', y: ['n'], columns: ['name', 'n'], rows: [[evil, 7]], says: evil },
    {
      type: 'line',
      x: 'day',
      y: ['n', evil],
      columns: ['day', 'n', evil],
      rows: [
        [evil, 1, 2],
        ['b', 3, null],
      ],
      says: evil,
    },
    { type: 'table', x: undefined, y: [], columns: [evil, 'n'], rows: [['=1+1', 2]], says: evil },
  ].map(({ says, columns, rows, ...panel }) => ({
    says,
    line: {
      own: panel.type,
      data: {
        panel: { ...panel, table: panel.type, title: `${evil} ${panel.type}`, format: 'money' },
        columns,
        rows,
        more: false,
      },
    },
  }))
  const written = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c')
  const listed = own.map(({ line }) => ({ name: line.own, title: line.data.panel.title }))
  await page.route(/\/(api\/panels.*)?$/, async (route) => {
    const response = await route.fetch()
    const body = (await response.text())
      .replace('"own":[]', () => `"own":${written(listed)}`)
      .replace(
        /([,\n])\{"panel":"stock"/,
        (rest, between) => `${between}${own.map(({ line }) => written(line)).join(between)}${rest}`,
      )
    await route.fulfill({ response, body })
  })
  await visit(page, served.url)
  for (const { says, line } of own) {
    const card = page.locator(`[data-view=own-${line.own}]`)
    expect(await card.locator('h2').textContent()).toBe(line.data.panel.title)
    expect(await card.locator('.body').textContent(), line.own).toContain(says)
  }
  expect(await page.locator('img').count()).toBe(0)
  await page.locator('[data-view=own-line] button', { hasText: 'Table' }).click()
  expect(await rowsOf(page, '[data-view=own-line]')).toEqual([
    [evil, '$1.00', '$2.00'],
    ['b', '$3.00', '–'],
  ])
  expect(page.url()).toContain('tables=own-line')
  const downloading = page.waitForEvent('download')
  await page.locator('[data-view=own-table] button', { hasText: 'CSV' }).click()
  const file = await downloading
  expect(file.suggestedFilename()).toBe('retail-own-table.csv')
  expect(readFileSync(await file.path(), 'utf8')).toBe(`${evil},n\r\n'=1+1,2\r\n`)
})

describe('taken away', () => {
  test('a CSV file has the cells of the table', async () => {
    const { page } = await fresh()
    await visit(page, `${served.url}?year=2024&tables=states`)
    const downloading = page.waitForEvent('download')
    await page.click('[data-view=states] .actions button:has-text("CSV")')
    const file = await (await downloading).path()
    const saved = readFileSync(file, 'utf8')
    const fetched = await page.request.get(new URL('/export/states.csv?year=2024', served.url).href)
    expect(saved).toBe(await fetched.text())
    const lines = saved.trim().split('\r\n').slice(1)
    const shown = await rowsOf(page, '[data-view=states]')
    expect(lines.map((line) => line.split(',')[0])).toEqual(shown.map(([state]) => state))
    expect(lines.map((line) => Number(line.split(',')[2]))).toEqual(
      shown.map((row) => Number(row[2].replace(/[$,]/g, ''))),
    )
  })

  test('every view comes as a picture', async () => {
    const { page } = await fresh()
    await visit(page, served.url)
    for (const view of [
      'timeline',
      'places',
      'products',
      'states',
      'heatmap',
      'change',
      'top',
      'daily',
      'stockouts',
      'stock',
    ]) {
      const downloading = page.waitForEvent('download')
      await page.click(`[data-view=${view}] .actions button:has-text("PNG")`)
      const bytes = readFileSync(await (await downloading).path())
      expect(bytes.subarray(1, 4).toString(), view).toBe('PNG')
      expect(bytes.readUInt32BE(16), view).toBeGreaterThan(900)
      expect(bytes.length, view).toBeGreaterThan(10_000)
    }
  })

  test('one file has the whole page, and opens without a network', async () => {
    const { code, stderr } = await retail(folder, 'dashboard --export out/report.html --year 2024 --colours viridis')
    expect(code, stderr).toBe(0)
    const live = await fresh()
    await visit(live.page, `${served.url}?year=2024&colours=viridis`)
    const saved = await fresh({ offline: true })
    await visit(saved.page, pathToFileURL(path.join(folder, 'out/report.html')).href)
    const tables = (page: Page) =>
      page.$$eval('.figures, .card:not(.live) table, .card:not(.live) .about', (all) =>
        all.map((one) => one.textContent),
      )
    expect(await tables(saved.page)).toEqual(await tables(live.page))
    await saved.page.click('[data-view=states] .actions button:has-text("Table")')
    expect((await rowsOf(saved.page, '[data-view=states]')).length).toBeGreaterThan(5)
    expect(await saved.page.isDisabled('#year')).toBe(true)
  })

  test('the installed browser draws a PDF and a picture', async () => {
    expect((await retail(folder, 'dashboard --export r.pdf --month 2')).code).toBe(0)
    expect(readFileSync(path.join(folder, 'r.pdf')).subarray(0, 5).toString()).toBe('%PDF-')
    expect((await retail(folder, 'dashboard --export r.png')).code).toBe(0)
    const picture = readFileSync(path.join(folder, 'r.png'))
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20) > 1500]).toEqual([1280, true])
  })

  test('without a browser there is a hint, and exit code 3', async () => {
    const { code, stderr } = await retail(folder, 'dashboard --export r.pdf --browser /nowhere/chromium')
    expect(code).toBe(3)
    expect(stderr).toContain('report.html')
  })

  test('--json has the numbers of every view', async () => {
    const { code, stdout } = await retail(folder, 'dashboard --json --year 2024')
    expect(code).toBe(0)
    const { head, panels } = JSON.parse(stdout)
    expect(head).toMatchObject({ period: '2024', dataTo: '2024-03-21T00:00:00Z' })
    expect(panels.map(({ panel }: { panel: string }) => panel).sort()).toEqual(
      [
        'change',
        'daily',
        'heatmap',
        'kpi',
        'places',
        'products',
        'states',
        'stock',
        'stockouts',
        'timeline',
        'top',
      ].sort(),
    )
  })
})

describe.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 390],
  ['dark', 390],
] as const)('%s, %i pixels wide', (colorScheme, width) => {
  test('is accessible and fits', async () => {
    const { page } = await fresh({ colorScheme, viewport: { width, height: 900 } })
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')
    for (const search of [
      '',
      '?tables=timeline+states+heatmap+daily+stockouts&state=CA&from=2024-02-10',
      '?category=Books&location=Los+Angeles%2C+CA',
      '?by=month&per=day',
      '?product=P00003&state=CA',
      '?year=2031',
    ]) {
      await page.goto(`${served.url}${search}`)
      if (search.includes('2031')) await page.waitForSelector('.notice .trouble')
      else await drawn(page)
      await page.evaluate(axe)
      const violations = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html + " " + node.failureSummary)]))',
      )
      expect(violations, search).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth), search).toBe(width)
      const out = await page.evaluate(() =>
        [...document.querySelectorAll('.chart')]
          .flatMap((chart) => {
            const within = chart.getBoundingClientRect()
            return [...chart.querySelectorAll('path, rect, text, line')].filter((mark) => {
              const { left, right, top, bottom } = mark.getBoundingClientRect()
              const isOut = left < within.left - 1 || right > within.right + 1 || top < within.top - 1
              return isOut || bottom > within.bottom + 1
            })
          })
          .map((mark) => mark.outerHTML.slice(0, 80)),
      )
      expect(out, search).toEqual([])
    }
  })
})

test('the keyboard reaches the views and their buttons', async () => {
  const { page } = await fresh()
  await visit(page, served.url)
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the views')
  await page.focus('[data-view=states] .actions button')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-view=states] table')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Table')
  await page.focus('[data-view=states] tbody button')
  await page.keyboard.press('Enter')
  await drawn(page)
  expect(new URL(page.url()).search).toMatch(/state=/)
})

test('a missing database is reported in words, and the page continues when it is back', async () => {
  const { page } = await fresh()
  await visit(page, served.url)
  const database = path.join(folder, 'retail.duckdb')
  renameSync(database, `${database}.away`)
  try {
    await page.selectOption('#year', '2024')
    await page.waitForSelector('.notice:has-text("does not exist yet")')
    expect(await page.textContent('.notice code')).toBe('retail seed-dims')
    expect(await page.locator('.figures, .card:not(.live)').filter({ visible: true }).count()).toBe(0)
  } finally {
    renameSync(`${database}.away`, database)
  }
  await page.waitForSelector('[data-view=states] .about:has-text("2024"):visible')
  expect(await page.textContent('.notice')).toBe('')
})

test('one view that fails says so in its place; the others show theirs, and it is asked again', async () => {
  const { page } = await fresh()
  await visit(page, served.url)
  const trouble = { message: 'the query took more than 10 s', hint: 'choose a month' }
  const spoil = async (route: Route) => {
    const response = await route.fetch()
    const lines = (await response.text()).trim().split('\n')
    const told = lines.map((line) =>
      JSON.parse(line).panel === 'states' ? JSON.stringify({ panel: 'states', trouble }) : line,
    )
    await route.fulfill({ response, body: `${told.join('\n')}\n` })
  }
  // Until it was looked at: the page asks again after a second.
  await page.route('**/api/panels?*', spoil)
  await page.selectOption('#month', '2')
  const failed = page.locator('[data-view=states] .trouble')
  await failed.waitFor()
  expect(await failed.textContent()).toBe('The query took more than 10 sChoose a month')
  expect(await page.locator('.trouble:visible').count()).toBe(1)
  expect(await page.textContent('[data-view=heatmap] .about')).toContain('February')
  await page.unroute('**/api/panels?*', spoil)
  await page.waitForSelector('[data-view=states] .about:has-text("February")')
  expect(await page.locator('.trouble:visible').count()).toBe(0)
})

// Last: it changes the shop.
test('a stream of another process is seen as it sells, and new marts when they are there', async () => {
  const { page } = await fresh()
  await visit(page, served.url)
  expect(await page.getAttribute('.chip', 'data-live')).toBe('off')
  await page.waitForSelector('[data-view=live] .about:has-text("No stream has run yet")')
  const stream = start(folder, 'stream --speed 3000 --json')
  try {
    await page.waitForSelector('.chip[data-live=on]:has-text("sales/min")')
    await page.locator('[data-view=live] .events li').nth(3).waitFor()
    const position = () => page.textContent('[data-view=live] .about')
    const before = await position()
    await page.waitForFunction(
      (text) => document.querySelector('[data-view=live] .about')?.textContent !== text,
      before,
    )
  } finally {
    stream.kill('SIGINT')
  }
  expect((await stream.ended).code).toBe(130)
  await page.waitForSelector('.chip[data-live=off]')
  const told = await page.$$eval('[data-view=live] .events li', (all) =>
    all.map((one) => one.querySelector('time')?.textContent),
  )
  const newest = await askRaw(
    folder,
    `SELECT strftime("timestamp", '%H:%M:%S') AS time FROM raw.transactions ORDER BY "timestamp" DESC LIMIT ${told.length}`,
  )
  expect(told).toEqual(newest.map(({ time }) => time))

  const subtitle = await page.textContent('.subtitle')
  expect((await retail(folder, 'transform')).code).toBe(0)
  await page.waitForFunction((text) => document.querySelector('.subtitle')?.textContent !== text, subtitle)
})
