import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

/** ARCHITECTURE.md's map: each room, and the rooms it may import. `errors` and `time` are files that serve all. */
const rooms: Record<string, readonly string[]> = {
  errors: [],
  time: [],
  version: [],
  config: ['errors', 'time'],
  random: [],
  tables: [],
  world: ['config', 'random', 'tables', 'time', 'errors'],
  simulator: ['world', 'random', 'tables', 'time'],
  encode: ['simulator', 'world', 'random', 'tables', 'time'],
  truth: ['encode', 'simulator', 'world', 'tables', 'time'],
  ports: ['tables', 'time'],
  realism: ['world', 'tables', 'ports', 'time', 'errors'],
  adapters: ['ports', 'tables', 'errors', 'config', 'time'],
  tools: ['config', 'errors'],
  pipeline: [
    'config',
    'world',
    'simulator',
    'encode',
    'truth',
    'realism',
    'ports',
    'tools',
    'tables',
    'time',
    'errors',
    'version',
  ],
  dashboard: ['ports', 'tools', 'errors', 'time'],
  index: ['config', 'world', 'pipeline', 'adapters', 'tables', 'errors', 'time', 'ports'],
  commands: ['config', 'pipeline', 'dashboard', 'ports', 'tables', 'errors', 'time', 'version'],
}

/** Who may open the one place where plug meets socket: the counter, and a worker thread, which has no counter. */
const openers = ['commands/verbs.ts', 'src/pipeline/history/backfill-worker.ts', 'src/pipeline/history/print-worker.ts']

/** Packages, and the only door of each: a folder or a file. */
const doors: Record<string, readonly string[]> = {
  commander: ['commands/'],
  '@inquirer/prompts': ['commands/ui/prompts.ts'],
  ora: ['commands/ui/terminal.ts'],
  execa: ['src/tools/run.ts'],
  '@faker-js/faker': ['src/random/faker.ts'],
  '@duckdb/node-api': ['src/adapters/local/'],
  '@google-cloud/storage': ['src/adapters/gcp/'],
  '@google-cloud/bigquery': ['src/adapters/gcp/'],
  '@google-cloud/pubsub': ['src/adapters/gcp/'],
  '@google-cloud/bigquery-storage': ['src/adapters/gcp/'],
  protobufjs: ['src/adapters/gcp/'],
  '@grpc/grpc-js': ['src/adapters/gcp/'],
  'google-auth-library': ['src/adapters/gcp/'],
  zod: ['src/config/'],
  yaml: ['src/config/'],
  'd3-scale-chromatic': ['src/dashboard/page/'],
}

interface Import {
  file: string
  target: string
}

const root = path.join(import.meta.dirname, '..')
const imports = ['src', 'commands'].flatMap((folder) => filesUnder(folder).flatMap(importsOf))
const local = imports.filter(({ target }) => target.startsWith('.'))
const packages = imports.filter(({ target }) => !target.startsWith('.') && !isBuiltin(target))

describe('the rooms of the house', () => {
  test.each(Object.entries(rooms))('%s imports only what is upstream of it', (room, upstream) => {
    for (const { file, target } of local.filter(({ file }) => roomOf(file) === room)) {
      const to = path.join(path.dirname(file), target)
      if (to === 'src/adapters/open.ts' && openers.includes(file)) continue
      expect([room, ...upstream], `${file} imports ${target}`).toContain(roomOf(to))
    }
  })

  test('are all on the map', () => {
    expect(Object.keys(rooms)).toEqual(expect.arrayContaining([...new Set(imports.map(({ file }) => roomOf(file)))]))
  })

  test('let each package in by one door', () => {
    for (const { file, target } of packages) {
      const allowed = doors[packageOf(target)]
      expect(allowed, `${file} imports ${target}, which has no door`).toBeDefined()
      expect(
        allowed.some((door) => file.startsWith(door)),
        `${file} imports ${target}; its door is ${allowed}`,
      ).toBe(true)
    }
  })
})

test('the generator knows no clock, no chance and no machine', () => {
  const forbidden = /\b(Math\.(random|log|exp|pow|sin|cos)\b|Date\b|process\.|performance\.)/
  for (const file of ['src/random', 'src/world', 'src/simulator'].flatMap(filesUnder))
    for (const [i, line] of codeOf(file).split('\n').entries()) expect(line, `${file}:${i + 1}`).not.toMatch(forbidden)
})

function filesUnder(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(test|contract)\.ts$/.test(file))
    .map((file) => path.join(folder, file))
}

function importsOf(file: string): Import[] {
  const found = codeOf(file).matchAll(
    /^(?:import|export)\b(?:[^'"]*?\bfrom)?\s*'([^']+)'|\bimport\('([^']+)'\)|\bnew URL\('([^']+)'/gm,
  )
  return [...found]
    .map(([, still, lazy, url]) => ({ file, target: still ?? lazy ?? url }))
    .filter(({ target }) => !target.endsWith('.json'))
}

function codeOf(file: string): string {
  return readFileSync(path.join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '')
}

function roomOf(file: string): string {
  const [top, room] = file.split(path.sep)
  return top === 'src' ? room.replace(/\.ts$/, '') : top
}

function isBuiltin(target: string): boolean {
  return target.startsWith('node:') || builtinModules.includes(target)
}
const packageOf = (target: string) =>
  target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')
