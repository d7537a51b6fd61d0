import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { freshFolder } from '../../../test/front-door.ts'
import { lakeContract } from '../../ports/lake.contract.ts'
import { folderLake } from './folder-lake.ts'

const put = (root: string, key: string) => {
  fs.mkdirSync(path.dirname(path.join(root, key)), { recursive: true })
  fs.writeFileSync(path.join(root, key), 'x')
}
const left = (root: string) => fs.readdirSync(path.join(root, '.tmp'))

lakeContract('a folder', {
  open: async () => folderLake(path.join(freshFolder(), 'lake')),
  async litter({ location }) {
    put(location, '.tmp/1-a-0')
    put(location, '.tmp/1-a-1/transactions.parquet')
  },
  putStray: async ({ location }, key) => put(location, key),
})

test('nothing half written stays on the disk', async () => {
  const root = freshFolder()
  const lake = folderLake(root)
  const breakOff = () => {
    throw new Error('the pen broke')
  }
  await lake.put('product.parquet', (sink) => sink.write([Buffer.from('rows')]))
  await lake.put('store.parquet', breakOff).catch(() => {})
  await lake.putFolder('rolled/one', { a: (sink) => sink.write([]), b: breakOff }).catch(() => {})
  await lake.remove(['product.parquet'])
  expect(left(root)).toEqual([])
  put(root, '.tmp/1-a-1/transactions.parquet')
  await lake.sweep()
  expect(left(root)).toEqual([])
})

test('more chunks than the kernel takes at a time arrive in order', async () => {
  const lake = folderLake(freshFolder())
  const chunks = Array.from({ length: 5000 }, (_, i) => Buffer.from(`${i},`))
  const whole = Buffer.concat(chunks)
  expect(await lake.put('product.parquet', (sink) => sink.write(chunks))).toBe(whole.length)
  expect((await lake.read('product.parquet')).equals(whole)).toBe(true)
})

test('an identity that cannot be read is not taken for none', async () => {
  const root = freshFolder()
  fs.writeFileSync(path.join(root, 'world.json'), '{"world": ')
  await expect(folderLake(root).identity()).rejects.toMatchObject({
    code: 'damaged',
    hint: expect.stringContaining('retail repair'),
  })
})

test('a folder that is a file is told as it is', async () => {
  const file = path.join(freshFolder(), 'lake')
  fs.writeFileSync(file, '')
  await expect(folderLake(file).put('product.parquet', () => {})).rejects.toThrow(/lake is a file, not a folder/)
})
