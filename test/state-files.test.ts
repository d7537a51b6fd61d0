import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { json, retail, workspace } from './tool.ts'

interface Repaired {
  repaired: { file: string; why: string; did: string }[]
}

const original = workspace({ stores: 2, products: 20, lines: 12, from: '2024-01-30', to: '2024-02-03' }, true)
beforeAll(async () => {
  for (const line of ['seed-dims', 'backfill', 'stream --speed max --until 2024-02-05'])
    expect(await retail(original, line)).toMatchObject({ code: 0 })
})
afterAll(() => rmSync(original, { recursive: true, force: true }))

/** A copy whose database reads its own lake. */
async function copy(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(original, folder, { recursive: true })
  expect((await retail(folder, 'seed-dims')).code).toBe(0)
  return folder
}

const OTHERS = {
  'a folder': (place: string) => {
    mkdirSync(place, { recursive: true })
    writeFileSync(path.join(place, 'kept.txt'), 'of somebody')
  },
  'a FIFO': (place: string) => void spawnSync('mkfifo', [place]),
  'a file': (place: string) => writeFileSync(place, 'of somebody'),
}
const FILES = ['stream.json', 'stream.json.tmp', 'published.json', 'runs/stream.json', 'runs/seed-dims.json']
const FOLDERS = ['runs', 'readers', 'locks', 'cache', 'tmp']
const PLACES = [
  ...FILES.flatMap((place) => [[place, 'a folder'] as const, [place, 'a FIFO'] as const]),
  ...FOLDERS.map((place) => [place, 'a file'] as const),
]

test.each(PLACES)('in place of .retail/%s, %s is named by status, and repair moves it aside', async (name, kind) => {
  const folder = await copy()
  const place = path.join(folder, '.retail', name)
  rmSync(place, { recursive: true, force: true })
  OTHERS[kind](place)
  const why = `it is ${kind}, not a ${kind === 'a file' ? 'folder' : 'file'}`

  const status = await retail(folder, 'status --check')
  expect([status.code, status.stdout]).toEqual([6, expect.stringContaining(`${place}: ${why}`)])
  expect(status.stdout).toContain('Next:  retail repair')
  for (const line of ['seed-dims', 'stream --speed max --max-events 5', 'verify']) {
    const { code, stdout, stderr } = await retail(folder, line)
    expect([line, [0, 6]]).toEqual([line, expect.arrayContaining([code])])
    if (code === 6) expect(stdout + stderr, line).toMatch(/retail repair/)
    if (line === 'verify') expect([code, stdout + stderr]).toEqual([6, expect.stringContaining(place)])
  }

  const { code, repaired } = await json<Repaired>(folder, 'repair')
  expect([code, repaired]).toEqual([0, [{ file: place, why, did: expect.stringMatching(/^moved aside to /) }]])
  const aside = repaired[0].did.replace('moved aside to ', '')
  if (kind !== 'a FIFO')
    expect(readFileSync(kind === 'a file' ? aside : path.join(aside, 'kept.txt'), 'utf8')).toBe('of somebody')
  for (const line of ['stream --speed max --max-events 5', 'verify', 'repair'])
    expect([line, (await retail(folder, line)).code]).toEqual([line, 0])
})
