import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { MARTS } from './marts.ts'

const folder = path.join(import.meta.dirname, '../../../dbt/models/marts')

test('every model of the marts has a record, by which verify compares it', () => {
  const models = fs.readdirSync(folder).flatMap((file) => (file.endsWith('.sql') ? [path.basename(file, '.sql')] : []))
  expect(MARTS.map(({ model }) => model as string).sort()).toEqual(models.sort())
})

test('no mart says the same when it is right and when it is wrong', () => {
  for (const { about, failed } of MARTS) expect(failed).not.toBe(about)
})
