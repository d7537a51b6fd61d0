import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { clearTarget, sealTarget } from './dbt-target.ts'

let work: string
let target: string
const at = (name: string) => path.join(target, name)

beforeEach(() => {
  work = mkdtempSync(path.join(tmpdir(), 'retail-'))
  target = path.join(work, 'target')
  onTestFinished(() => rmSync(work, { recursive: true }))
  mkdirSync(at('run'), { recursive: true })
  for (const name of ['partial_parse.msgpack', 'manifest.json', 'run_results.json', 'run/a.sql'])
    writeFileSync(at(name), `content of ${name}`)
  sealTarget(work)
})

test('of an earlier run only what dbt parsed is left', () => {
  clearTarget(work)
  clearTarget(work)
  expect(readdirSync(target).sort()).toEqual(['partial_parse.msgpack', 'partial_parse.msgpack.sha256'])
})

const instead = (name: string, make: (file: string) => void) => {
  rmSync(at(name))
  make(at(name))
}
const fifo = (file: string) => void execFileSync('mkfifo', [file])

test.each<[string, () => void]>([
  ['one bit of it', () => writeFileSync(at('partial_parse.msgpack'), 'content of partial_parse.msgpacj')],
  ['nothing in it', () => writeFileSync(at('partial_parse.msgpack'), '')],
  ['no seal', () => rmSync(at('partial_parse.msgpack.sha256'))],
  ['a FIFO', () => instead('partial_parse.msgpack', fifo)],
  ['a folder', () => instead('partial_parse.msgpack', mkdirSync)],
  ['a FIFO for a seal', () => instead('partial_parse.msgpack.sha256', fifo)],
  ['a folder for the results', () => instead('run_results.json', mkdirSync)],
])('what dbt parsed is not trusted, and nothing waits or fails: %s', (what, damage) => {
  damage()
  clearTarget(work)
  expect(existsSync(at('partial_parse.msgpack'))).toBe(what === 'a folder for the results')
  expect(existsSync(at('run_results.json'))).toBe(false)
})

test('a first run, and a file where the folder should be, leave nothing to trust', () => {
  rmSync(target, { recursive: true })
  clearTarget(work)
  sealTarget(path.join(work, 'nowhere'))
  writeFileSync(target, '')
  chmodSync(target, 0)
  clearTarget(work)
  expect(existsSync(target)).toBe(false)
})
