import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshFolder, retail } from '../test/front-door.ts'

const SHOP = '--stores 3 --products 20 --lines-per-store-day 40'

test.each(['mild', 'rough', 'hostile'])(
  'faults explain %s prints a profile that can be saved and used',
  async (name) => {
    const cwd = freshFolder()
    const { stdout } = await retail(`faults explain ${name} --yaml`, { cwd })
    writeFileSync(path.join(cwd, 'mine.yaml'), stdout)
    const [built, saved] = await Promise.all(
      [name, 'mine.yaml'].map((profile) => retail(`faults explain ${profile} ${SHOP} --json`, { cwd })),
    )
    expect(saved).toEqual(built)
    expect(built.code).toBe(0)
  },
)

test('faults explain shows each kind with an example', async () => {
  expect(
    (await retail(`faults explain hostile --stores 30 --products 20 --lines-per-store-day 200`)).stdout,
  ).toMatchSnapshot()
})

describe('faults list', () => {
  const list = async (line: string) => {
    const { code, stdout } = await retail(`faults list ${line}`, { cwd: freshFolder() })
    expect(code).toBe(0)
    return stdout
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each))
  }

  test('needs no lake, and selects kinds, tables, and days', async () => {
    const days = '--from 2024-01-03 --to 2024-01-05'
    const [head, ...all] = await list(`hostile ${SHOP} ${days}`)
    expect(head).toMatchObject({ from: '2024-01-03', to: '2024-01-05', world: expect.any(String) })
    const kinds = new Set(all.map(({ kind }) => kind))
    expect(kinds.size).toBeGreaterThan(3)
    const few = await list(`hostile ${SHOP} ${days} --kind late,lost --table inventories`)
    const chosen = all.filter(({ kind, table }) => ['late', 'lost'].includes(kind) && table === 'inventories')
    expect(few.slice(1)).toEqual(chosen)
    const without = await list(`hostile ${SHOP} ${days} --without late`)
    expect(without.slice(1).map(({ id }) => id)).toEqual(
      all.filter(({ kind, also = [] }) => kind !== 'late' || also.length > 0).map(({ id }) => id),
    )
  })

  test('says which copies are on their way at an instant', async () => {
    const until = '2024-01-03T12:00:00Z'
    const [, ...all] = await list(`hostile ${SHOP} --from 2024-01-03 --until ${until}`)
    for (const { sent, on_its_way = [] } of all) {
      expect(sent.every(({ at }: { at: string }) => at < until)).toBe(true)
      expect(on_its_way.every(({ at }: { at: string }) => at >= until)).toBe(true)
    }
    expect(all.some(({ on_its_way }) => on_its_way)).toBe(true)
  })
})

test.each([
  ['explain roug', 'there is no profile roug', 'did you mean rough?'],
  ['list rough --kind lat', "argument 'lat' is invalid", 'did you mean late?'],
  ['list rough --yaml', '--yaml works only with explain', 'list prints events'],
  ['explain rough --from 2024-01-01', '--from works only with list', 'not the events of a period'],
  [`list rough ${SHOP} --from 2023-01-01`, 'no event occurs between', 'the world starts on 2024-01-01'],
])('faults %s is refused', async (line, message, why) => {
  const { code, stderr } = await retail(`faults ${line}`)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(stderr).toContain(why)
})

test.each([
  ['lost: { rate: 20% }', 'mine.yaml:1:15 lost.rate: expected a share of at most 12.5%, got "20%"'],
  ['late: { rate: 1%, by: { 60%: 1m..2m } }', 'expected shares that add up to 100%'],
  ['late: { rate: 1%, by: { 100%: 1h..5d } }', 'longer than max (raise max, or shorten it)'],
  ['disordr: { rate: 1% }', 'did you mean disorder?'],
  ['silence: { stores-a-day: 1%, for: 1h..30h, catch-up: 20x }', 'expected a silence of at most 1d'],
  ['drift: [ { at: 2024-04-01, widen: price } ]', 'the columns of whole numbers are quantity'],
  ['drift: [ { at: 2024-04-01, add: quantity } ]', 'a name in lower case that the table does not have'],
  ['late: [', 'mine.yaml:'],
])('a profile with %s is refused with its place', async (text, message) => {
  const cwd = freshFolder()
  writeFileSync(path.join(cwd, 'mine.yaml'), text)
  const { code, stderr } = await retail('faults explain mine.yaml', { cwd, columns: 400 })
  expect(code).toBe(2)
  expect(stderr.replace(/\s+/g, ' ')).toContain(message)
})
