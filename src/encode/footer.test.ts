import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fileOf, identity } from '../../test/parquet.ts'
import { rowsOfDays, shopWorld } from '../../test/worlds.ts'
import { tables } from '../tables/index.ts'
import { VERSION } from '../version.ts'
import { type Footer, readFooter } from './footer.ts'
import { ParquetWriter, UNCOMPRESSED } from './parquet.ts'

/** VersionParser of parquet-mr. */
const APACHE_FORM = /^(.*?)\s+version\s*(?:([^(]*?)\s*(?:\(\s*build\s*([^)]*?)\s*\))?)?$/

const world = shopWorld({ stores: 2, products: 10, lines: 5 })
const rows = rowsOfDays(world, 2)
const file = fileOf(world, 'transactions', [rows])

describe('a file that was written whole', () => {
  test('says what it is', () => {
    expect(readFooter(file)).toEqual({
      rows: rows.facts.transactions.rows.n,
      metadata: {
        'retail.world': identity.world,
        'retail.generator': identity.generator,
        'retail.table': 'transactions',
        'retail.content': identity.content,
        'retail.rows': String(rows.facts.transactions.rows.n),
        'retail.crc32': expect.stringMatching(/^[0-9a-f]{8}$/),
      },
      createdBy: expect.stringMatching(APACHE_FORM),
    })
  })

  test('names its writer as parquet-format asks, so that Apache readers trust its statistics', () => {
    const { createdBy } = readFooter(file) as Footer
    expect(APACHE_FORM.exec(createdBy)?.slice(1)).toEqual(['retail-cli', VERSION, `generator-${identity.generator}`])
  })

  test('says so with any text in its footer, and any number of row groups', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 300 })
    fc.assert(
      fc.property(
        // JavaScript's own trap; our keys all begin with `retail.`.
        fc.dictionary(
          text.filter((key) => key !== '__proto__'),
          text,
          { maxKeys: 30, noNullPrototype: true },
        ),
        fc.array(fc.nat(2 ** 31 - 1), { maxLength: 40 }),
        // An older build wrote `retail-cli` alone.
        fc.oneof(fc.constant('retail-cli'), text),
        (metadata, groups, createdBy) => {
          const chunks: Buffer[] = []
          const sink = {
            write: (written: readonly Uint8Array[]) => void chunks.push(...written.map((chunk) => Buffer.from(chunk))),
          }
          const columns = Object.entries(tables.store.columns)
          const writer = new ParquetWriter(sink, { columns, utc: false, metadata, createdBy })
          for (const rows of groups) {
            for (const _ of columns)
              writer.column({ codec: UNCOMPRESSED, pages: [{ rows, body: [] }], bounds: () => undefined })
            writer.endGroup(rows)
          }
          writer.close()
          const footer = readFooter(Buffer.concat(chunks)) as Footer
          expect(footer.rows).toBe(groups.reduce((a, b) => a + b, 0))
          expect(footer.metadata).toMatchObject(metadata)
          expect(footer.createdBy).toBe(createdBy)
        },
      ),
    )
  })
})

describe('a file that is damaged is refused', () => {
  test('cut anywhere', () => {
    for (let length = 0; length < file.length; length++)
      expect(typeof readFooter(file.subarray(0, length))).toBe('string')
  })

  test('with any one bit changed, in rows or footer', () => {
    const accepted: string[] = []
    for (let at = 0; at < file.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        file[at] ^= 1 << bit
        if (typeof readFooter(file) !== 'string') accepted.push(`${at}.${bit} of ${file.length}`)
        file[at] ^= 1 << bit
      }
    }
    expect(accepted).toEqual([])
  })

  test('with any range overwritten', () => {
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.uint8Array({ minLength: 1, maxLength: 64 }), (at, bytes) => {
        const damaged = Buffer.from(file)
        damaged.set(bytes.subarray(0, file.length - at), at)
        fc.pre(!damaged.equals(file))
        expect(typeof readFooter(damaged)).toBe('string')
      }),
      { numRuns: 300 },
    )
  })

  test('and says why', () => {
    expect(readFooter(file.subarray(0, file.length - 1))).toBe('it is cut off: no Parquet footer at its end')
    const changed = Buffer.from(file)
    changed[100] ^= 1
    expect(readFooter(changed)).toBe('its bytes do not match the checksum in its footer')
  })
})
