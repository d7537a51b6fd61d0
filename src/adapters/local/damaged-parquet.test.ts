import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { localShop, makeHistory } from '../../../test/history.ts'
import { putDimension } from '../../pipeline/dimensions.ts'
import { errnoFrom, isDamage } from '../../system-errors.ts'
import { openDatabase } from './duckdb.ts'

test('whatever bit of a Parquet file is flipped, what DuckDB says about it is damage', async () => {
  const shop = localShop({ seed: 42, stores: 2, products: 20, lines: 6, from: '2024-01-01' })
  await makeHistory(shop, '2024-01-02')
  await putDimension(shop.ports.lake, shop.world, 'store')
  const { parts } = await shop.ports.lake.layout()
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  await using database = await openDatabase(':memory:', { threads: 1 })
  const others: string[] = []
  for (const key of ['store/store.parquet', parts[0].key]) {
    const sound = readFileSync(path.join(shop.ports.lake.location, key))
    for (let at = 0; at < sound.length; at++) {
      const bytes = Buffer.from(sound)
      bytes[at] ^= 1 << (at % 8)
      // DuckDB remembers what it has read from a file by its name.
      const file = path.join(folder, `${at}.parquet`)
      writeFileSync(file, bytes)
      try {
        await database.run(`CREATE OR REPLACE VIEW flipped AS SELECT * FROM read_parquet('${file}')`)
        await database.query('SELECT bit_xor(hash(x)) AS sum FROM flipped AS x')
      } catch (error) {
        if (!isDamage(error))
          others.push(`${key}, byte ${at}: ${errnoFrom(error) ?? ''} ${String(error).split('\n')[0]}`)
      }
      rmSync(file)
    }
  }
  expect(others).toEqual([])
})
