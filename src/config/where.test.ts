import { describe, expect, test } from 'vitest'
import type { RetailError } from '../errors.ts'
import { parseWhere } from './where.ts'

const refusal = (text: string): string => {
  try {
    parseWhere(text, '/here')
  } catch (error) {
    const { code, message, why, hint } = error as RetailError
    return [`${code}: ${message}`, why, hint].filter(Boolean).join('\n')
  }
  throw new Error(`${text} was accepted`)
}

describe('a destination', () => {
  test.each(['-', 'ndjson:events', 'ndjson:/there/events?size=500kB&age=1m30s'])('%s', (text) => {
    expect(parseWhere(text, '/here')).toMatchSnapshot()
  })

  test.each([
    'ndjsn:events',
    'nonsense',
    '',
    'ndjson:',
    'ndjson:events?sise=1',
    'ndjson:events?size=large',
    'ndjson:events?age=0s',
    'postgres://localhost',
    'postgres://me:secret@localhost/shop',
    'postgres://localhost/shop?schema=No-Good',
    'kafka:localhost',
    'kafka://me:secret@localhost',
    'kafka://localhost?sasl=plane',
    'kafka://localhost?partitions=0',
    'https://me:secret@localhost/x',
    'http://localhost/x?in_flight=0',
    'htps://localhost/x',
  ])('%s is none', (text) => {
    expect(refusal(text)).toMatchSnapshot()
  })
})

test('a name that is no sink is answered with the sinks that exist', () => {
  const named = { sinks: { kafka: { brokers: 'a:1' }, files: { folder: 'x' } } }
  expect(() => parseWhere('warehouse', '/here', named)).toThrow(
    expect.objectContaining({ why: expect.stringContaining('the sinks of retail.yaml are kafka, files') }),
  )
})

test.each(['kafka://localhost:65536', 'kafka://localhost:99999'])('%s has no such port', (text) => {
  expect(refusal(text)).toContain('is not HOST:PORT')
})

test('a flag is an option of a Kafka address, and of no other', () => {
  const named = { sinks: { topics: { brokers: 'broker', exactly_once: false } }, kafka: { exactly_once: 'true' } }
  for (const text of ['kafka://broker?tls=true', 'topics'])
    expect(parseWhere(text, '/here', named)).toMatchObject({ exactlyOnce: true })
  expect(() => parseWhere('postgres://host/shop', '/here', named)).toThrow('--exactly-once is for Kafka')
  expect(() => parseWhere('kafak://broker', '/here', named)).toThrow('is not a destination')
})
