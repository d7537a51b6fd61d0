import { expect, test } from 'vitest'
import { dayOf, SECONDS_PER_HOUR } from '../time.ts'
import { CITIES } from './cities.ts'
import { localSecond, offsetHours, ZONES } from './zones.ts'

const NAMES = {
  ET: 'America/New_York',
  CT: 'America/Chicago',
  MT: 'America/Denver',
  AZ: 'America/Phoenix',
  PT: 'America/Los_Angeles',
  AK: 'America/Anchorage',
  HI: 'Pacific/Honolulu',
} as const

/** What the engine's own time zone data says. Only a test may ask it: it differs between machines. */
function clockOf(timeZone: string): (hour: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', day: 'numeric', hour: 'numeric' })
  return (hour) => {
    const parts = format.formatToParts(hour * 3_600_000)
    const [day, local] = ['day', 'hour'].map((type) => Number(parts.find((part) => part.type === type)?.value))
    const utc = new Date(hour * 3_600_000)
    const days = day === utc.getUTCDate() ? 0 : -1
    return local + days * 24 - utc.getUTCHours()
  }
}

/** Four hours on either side of the Sundays in March and November on which clocks could change. */
function* hoursAroundChanges(): Generator<number> {
  for (let year = 2007; year <= 2037; year++) {
    for (const month of [3, 11]) {
      for (let day = 1; day <= 14; day++) {
        const date = dayOf(year, month, day)
        if ((date + 3) % 7 !== 6) continue
        for (let hour = date * 24 + 4; hour < date * 24 + 16; hour++) yield hour
      }
    }
  }
}

test.each(ZONES.map((zone, index) => [NAMES[zone], index] as const))('shops in %s keep its clock', (name, zone) => {
  const clock = clockOf(name)
  const wrong = [...hoursAroundChanges()].filter((hour) => offsetHours(zone, hour) !== clock(hour))
  expect(wrong).toEqual([])
  // Asked in any order, and far from any change.
  for (let hour = dayOf(2037, 12, 31) * 24; hour > dayOf(2007, 1, 1) * 24; hour -= 9_973)
    expect(offsetHours(zone, hour)).toBe(clock(hour))
})

test('a local second is the UTC second moved by whole hours', () => {
  const summer = dayOf(2024, 7, 1) * 86_400 + 61_234
  expect(localSecond(ZONES.indexOf('ET'), summer)).toBe(summer - 4 * SECONDS_PER_HOUR)
  expect(localSecond(ZONES.indexOf('AZ'), summer)).toBe(summer - 7 * SECONDS_PER_HOUR)
})

test('every city is in a zone we know, once in its state', () => {
  expect(CITIES.filter(({ zone }) => !ZONES.includes(zone))).toEqual([])
  expect(new Set(CITIES.map(({ name, state }) => `${name}, ${state}`)).size).toBe(CITIES.length)
})
