import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { borrowParsed, lendParsed } from './dbt-parsed.ts'
import { clearTarget, parsedFile } from './dbt-target.ts'

const PARSED = 'what dbt parsed'
let root: string
let environment: string

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'retail-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  environment = path.join(root, 'environment')
  mkdirSync(path.join(environment, 'bin'), { recursive: true })
  const lender = placeOf('lender')
  writeParsed('lender', PARSED)
  lendParsed(lender, 'local')
})

/** A workspace, and the project that its dbt reads. */
function placeOf(workspace: string, project = 'project') {
  const place = {
    python: path.join(environment, 'bin/python'),
    package: path.join(root, project),
    work: path.join(root, workspace),
  }
  mkdirSync(place.package, { recursive: true })
  return place
}

function writeParsed(workspace: string, text: string): void {
  const file = parsedFile(path.join(root, workspace))
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** What dbt of a workspace finds. */
function borrowed(workspace: string, { project = 'project', kind = 'local' } = {}): string | undefined {
  const place = placeOf(workspace, project)
  borrowParsed(place, kind)
  // A later run trusts it as it trusts its own.
  clearTarget(place.work)
  const file = parsedFile(place.work)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

test('what dbt parsed for one workspace is there for another', () => {
  expect(borrowed('other')).toBe(PARSED)
  expect(readdirSync(environment).sort()).toEqual(['bin', 'parsed-local.msgpack'])
})

test('a workspace keeps its own, and what is kept stays while it is sound', () => {
  writeParsed('other', 'its own')
  borrowParsed(placeOf('other'), 'local')
  expect(readFileSync(parsedFile(path.join(root, 'other')), 'utf8')).toBe('its own')
  lendParsed(placeOf('other'), 'local')
  expect(borrowed('third')).toBe(PARSED)
})

test('what was parsed of another project, as another kind, or at another place is not given', () => {
  expect(borrowed('other', { kind: 'cloud' })).toBeUndefined()
  expect(borrowed('other', { project: 'elsewhere' })).toBeUndefined()
  writeFileSync(path.join(root, 'project/model.sql'), 'select 1')
  expect(borrowed('other')).toBeUndefined()
  // The next parse replaces it.
  writeParsed('other', 'parsed again')
  lendParsed(placeOf('other'), 'local')
  expect(borrowed('third')).toBe('parsed again')
})

test.each<[string, (kept: string) => void]>([
  [
    'one bit',
    (kept) =>
      writeFileSync(
        kept,
        readFileSync(kept).map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
      ),
  ],
  ['nothing in it', (kept) => writeFileSync(kept, '')],
  ['a FIFO', (kept) => execFileSync('mkfifo', [kept])],
  ['a folder', (kept) => mkdirSync(kept)],
])('a damaged one is not given, and nothing waits or fails: %s', (what, damage) => {
  const kept = path.join(environment, 'parsed-local.msgpack')
  if (what.startsWith('a ')) rmSync(kept)
  damage(kept)
  expect(borrowed('other')).toBeUndefined()
  lendParsed(placeOf('lender'), 'local')
  expect(borrowed('third')).toBe(what === 'a folder' ? undefined : PARSED)
})

test('an environment that cannot be written to is no failure', () => {
  rmSync(environment, { recursive: true })
  writeFileSync(environment, '')
  lendParsed(placeOf('lender'), 'local')
  expect(borrowed('other')).toBeUndefined()
})
