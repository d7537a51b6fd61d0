import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')
const contributing = readFileSync(path.join(root, 'CONTRIBUTING.md'), 'utf8')

/** The rows of the table below a heading of two cells. */
function table(...heading: [string, string]): string[][] {
  const [, rest] = contributing.split(`| ${heading.join(' | ')} |\n|---|---|\n`)
  const rows = rest.slice(0, rest.indexOf('\n\n')).split('\n')
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, 3)
      .map((cell) => cell.replaceAll('`', '').trim()),
  )
}

const terms = table('term', 'meaning').flatMap(([cell]) => cell.split(', '))
const banned = new Set(table('not', 'but').flatMap(([cell]) => cell.split(', ')))

/** `openRingBuffer` and `ring-buffer` are the words open, ring, buffer. */
const words = (name: string) =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z]+/)

/** A plural is the same word. */
const isBanned = (word: string) =>
  [word, word.replace(/s$/, ''), word.replace(/es$/, '')].some((each) => banned.has(each))
const bannedIn = (name: string) => words(name).filter(isBanned)

test('the glossary has at most forty terms, each once, and bans none of them', () => {
  expect(terms.length).toBeGreaterThan(20)
  expect(terms.length).toBeLessThanOrEqual(40)
  expect(new Set(terms).size).toBe(terms.length)
  expect(terms.flatMap(bannedIn)).toEqual([])
})

test('no file and no export has a name that the glossary bans', () => {
  const found: string[] = []
  for (const folder of ['src', 'commands', 'test', 'bench', 'scripts'])
    for (const file of filesUnder(folder)) {
      found.push(...bannedIn(path.basename(file)).map((word) => `${file}: ${word}`))
      if (!file.endsWith('.ts')) continue
      const text = readFileSync(path.join(root, file), 'utf8')
      const exported =
        /^export (?:declare )?(?:async )?(?:abstract )?(?:function\*?|const|let|class|interface|type) +(\w+)/gm
      for (const [, name] of text.matchAll(exported))
        found.push(...bannedIn(name).map((word) => `${file}: ${name} (${word})`))
    }
  expect(found).toEqual([])
})

test.each(['gate.ts', 'openLane', 'HeldTimeline', 'storeStretches', 'tellNews'])('%s would be found', (name) => {
  expect(bannedIn(name)).not.toEqual([])
})

function filesUnder(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|mjs|sh|py)$/.test(file) && !file.includes('node_modules'))
    .map((file) => path.join(folder, file))
}
