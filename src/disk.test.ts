import node from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freshFolder } from '../test/front-door.ts'
import { folderLake } from './adapters/local/folder-lake.ts'
import { clock, useClock } from './clock.ts'
import { fs, makeFolders, useDisk } from './disk.ts'

test('who took the disk before it was replaced uses the new one from then on', async () => {
  const lake = folderLake(path.join(freshFolder(), 'lake'))
  const renamed: string[] = []
  useDisk({
    ...node,
    renameSync(from, to) {
      renamed.push(path.basename(String(to)))
      node.renameSync(from, to)
    },
  })
  onTestFinished(() => useDisk())
  await lake.put('product.parquet', (sink) => sink.write([Buffer.from('rows')]))
  expect(renamed).toEqual(['product.parquet'])
  useDisk()
  await lake.put('store.parquet', (sink) => sink.write([Buffer.from('rows')]))
  expect(renamed).toHaveLength(1)
  expect(fs).toBe(node)
})

test('the clock can be replaced and put back', async () => {
  const before = clock
  useClock({ now: () => 1, elapsed: () => 2, moment: () => ({ boot: 'b', ms: 3 }), sleep: async () => {} })
  onTestFinished(() => useClock())
  expect([clock.now(), clock.elapsed()]).toEqual([1, 2])
  useClock()
  expect(clock).toBe(before)
})

test('nested folders are made once, and the first of them is named', () => {
  const folder = freshFolder()
  const [first, last] = [path.join(folder, 'a'), path.join(folder, 'a/b/c')]
  expect(makeFolders(last)).toBe(first)
  expect(node.statSync(last).isDirectory()).toBe(true)
  expect(makeFolders(last)).toBeUndefined()
  node.writeFileSync(path.join(folder, 'file'), '')
  expect(() => makeFolders(path.join(folder, 'file'))).toThrow('EEXIST')
  expect(() => makeFolders(path.join(folder, 'file/x'))).toThrow('EEXIST')
})

test('a folder that another process creates first is used', () => {
  const folder = path.join(freshFolder(), 'a')
  useDisk({
    ...node,
    mkdirSync: ((name: string) => {
      node.mkdirSync(name)
      return node.mkdirSync(name)
    }) as typeof node.mkdirSync,
  })
  onTestFinished(() => useDisk())
  expect(makeFolders(path.join(folder, 'b'))).toBeUndefined()
})

test.runIf(process.platform === 'linux')('nothing is tried forever where nothing can be created', () => {
  expect(() => makeFolders('/proc/none')).toThrow('ENOENT')
  expect(() => makeFolders('/proc/none/below')).toThrow('ENOENT')
})
