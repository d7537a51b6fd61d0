import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { targetNames } from './config/targets.ts'

/**
 * The map of ARCHITECTURE.md: each module, and the modules that it may import. Any module may import `advice`, `errors`,
 * `system-errors`, `time`, `disk`, and `clock`.
 */
const modules: Record<string, readonly string[]> = {
  advice: [],
  errors: ['advice'],
  'system-errors': ['advice', 'errors'],
  time: [],
  numbers: [],
  version: [],
  documents: [],
  disk: [],
  clock: [],
  outages: [],
  config: ['advice', 'errors', 'time', 'numbers'],
  random: [],
  tables: [],
  world: ['config', 'random', 'tables', 'time', 'advice', 'errors'],
  simulator: ['world', 'random', 'tables', 'time'],
  encode: ['simulator', 'world', 'random', 'tables', 'time', 'version'],
  faults: ['encode', 'simulator', 'world', 'random', 'tables', 'time', 'config'],
  truth: ['encode', 'simulator', 'world', 'ports', 'tables', 'time'],
  grade: ['faults', 'truth', 'encode', 'simulator', 'world', 'ports', 'tables', 'time', 'errors', 'config', 'numbers'],
  ports: ['tables', 'time', 'advice', 'clock'],
  realism: ['world', 'tables', 'ports', 'time', 'advice', 'errors'],
  adapters: [
    ...['ports', 'tables', 'advice', 'errors', 'system-errors', 'config', 'time'],
    ...['disk', 'clock', 'documents', 'outages'],
  ],
  tools: ['config', 'advice', 'errors', 'disk', 'outages'],
  pipeline: [
    'config',
    'world',
    'simulator',
    'encode',
    'truth',
    'faults',
    'realism',
    'grade',
    'ports',
    'tools',
    'tables',
    'time',
    'numbers',
    'advice',
    'errors',
    'system-errors',
    'version',
    'disk',
    'clock',
    'documents',
    'outages',
  ],
  dashboard: ['config', 'ports', 'tools', 'advice', 'errors', 'system-errors', 'time', 'disk'],
  index: ['config', 'world', 'pipeline', 'adapters', 'tables', 'advice', 'errors', 'time', 'ports', 'outages'],
  commands: [
    'config',
    'pipeline',
    'dashboard',
    'ports',
    'tables',
    'advice',
    'errors',
    'system-errors',
    'time',
    'numbers',
    'version',
    'disk',
    'documents',
    'outages',
  ],
}

/** The importers of the composition root: the CLI, and worker threads, which have no CLI. */
const openers = [
  'commands/verbs.ts',
  ...['backfill', 'print', 'table'].map((of) => `src/pipeline/history/${of}-worker.ts`),
]

/** Packages, and the only importer of each: a folder or a file. */
const doors: Record<string, readonly string[]> = {
  commander: ['commands/'],
  '@inquirer/prompts': ['commands/ui/prompts.ts'],
  ora: ['commands/ui/terminal.ts'],
  execa: ['src/tools/run.ts'],
  '@faker-js/faker': ['src/random/faker.ts'],
  '@duckdb/node-api': ['src/adapters/local/'],
  '@duckdb/node-bindings': ['src/adapters/local/lock-file.ts'],
  '@google-cloud/storage': ['src/adapters/gcp/'],
  '@google-cloud/bigquery': ['src/adapters/gcp/'],
  '@google-cloud/pubsub': ['src/adapters/gcp/'],
  '@google-cloud/bigquery-storage': ['src/adapters/gcp/'],
  protobufjs: ['src/adapters/gcp/'],
  '@grpc/grpc-js': ['src/adapters/gcp/'],
  '@platformatic/kafka': ['src/adapters/destinations/'],
  avsc: ['src/adapters/destinations/avro-events.ts'],
  pg: ['src/adapters/destinations/', 'src/adapters/relations/'],
  'pg-copy-streams': ['src/adapters/destinations/'],
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

describe('the modules of the code', () => {
  test.each(Object.entries(modules))('%s imports only what is upstream of it', (module, upstream) => {
    for (const { file, target } of local.filter(({ file }) => moduleOf(file) === module)) {
      const to = path.join(path.dirname(file), target)
      if (to === 'src/adapters/open.ts' && openers.includes(file)) continue
      expect([module, ...upstream], `${file} imports ${target}`).toContain(moduleOf(to))
    }
  })

  test('are all on the map', () => {
    expect(Object.keys(modules)).toEqual(
      expect.arrayContaining([...new Set(imports.map(({ file }) => moduleOf(file)))]),
    )
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

describe('targets', () => {
  test('are called by name in adapters and config alone; everybody else asks what they can do', () => {
    const name = new RegExp(`['"\`](${targetNames.join('|')})['"\`]`)
    for (const file of ['src', 'commands'].flatMap(filesUnder)) {
      if (/^src\/(adapters|config)\//.test(file)) continue
      expect(codeOf(file), file).not.toMatch(name)
      expect(codeOf(file), file).not.toMatch(/\btarget\s*[!=]==?/)
    }
  })

  /** The commands that create, price, and configure what a target runs on, and the schemas that they need. */
  const ofServices =
    /^(src\/pipeline\/(infra|plan|cloud-checks)\b|src\/tables\/emit\b|src\/tools\/terraform\b|commands\/(answers|infra|init|ui\/question|ui\/cloud-questions)\.)/

  test('have services that no other code knows by name, only sentences', () => {
    const services = new RegExp(
      `${targetNames.filter((name) => name !== 'local').join('|')}|bigquery|pub_?sub|google`,
      'i',
    )
    for (const file of ['src', 'commands'].flatMap(filesUnder)) {
      if (/^src\/(adapters|config)\//.test(file) || ofServices.test(file)) continue
      for (const line of codeOf(file).split('\n'))
        expect(line.replace(/'[^']*'|"[^"]*"|`[^`]*`/g, "''"), file).not.toMatch(services)
    }
  })

  test('leave out no method: what one of them cannot do is a union that says so', () => {
    for (const file of [...filesUnder('src/ports'), 'src/adapters/target.ts'])
      expect(codeOf(file), file).not.toMatch(/^\s+\w+\?(\(|: \()/m)
  })
})

test('pipeline and local adapters do to files what the disk port lets them, and nothing beside it', () => {
  for (const file of ['src/pipeline', 'src/adapters/local'].flatMap(filesUnder))
    expect(codeOf(file), file).not.toMatch(/'(node:)?fs(\/promises)?'/)
})

test('local adapters take the time from the clock port', () => {
  for (const file of filesUnder('src/adapters/local'))
    expect(codeOf(file), file).not.toMatch(/\bDate\.now|\bnew Date\(\)|performance\.now|\bsetTimeout\b/)
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

function moduleOf(file: string): string {
  const [top, module] = file.split(path.sep)
  return top === 'src' ? module.replace(/\.ts$/, '') : top
}

function isBuiltin(target: string): boolean {
  return target.startsWith('node:') || builtinModules.includes(target)
}
const packageOf = (target: string) =>
  target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')
