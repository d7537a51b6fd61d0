import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { receivedOf } from '../../../test/events.ts'
import { freshFolder } from '../../../test/front-door.ts'
import { shopWorld } from '../../../test/worlds.ts'
import { sourceOf } from '../../pipeline/live/destination-sink.ts'
import { destinationContract } from '../../ports/destination.contract.ts'
import type { Destination, EventBatch } from '../../ports/index.ts'
import { facts } from '../../tables/index.ts'
import { parseSecond } from '../../time.ts'
import { stdoutDestination } from '../destinations/stdout.ts'
import { openNdjsonFolder } from './ndjson-folder.ts'

const LARGE = { sizeBytes: 64e6, ageMs: 60_000 }

function receivedIn(folder: string) {
  return readdirSync(folder)
    .filter((name) => name.startsWith('2'))
    .sort()
    .flatMap((name) =>
      facts.flatMap((fact) =>
        linesOf(readFileSync(path.join(folder, name, `${fact.name}.ndjson`), 'utf8')).map((line) =>
          receivedOf(line, fact.name),
        ),
      ),
    )
}

const linesOf = (text: string): string[] => text.split('\n').filter(Boolean)

destinationContract('ndjson', {
  keepsPosition: true,
  order: 'of the timeline',
  async place() {
    const folder = freshFolder()
    const place = { kind: 'ndjson', folder, sizeBytes: 20_000, ageMs: 60_000 } as const
    return { where: place, open: (source) => openNdjsonFolder(place, source), received: async () => receivedIn(folder) }
  },
})

destinationContract('stdout', {
  keepsPosition: false,
  order: 'of the timeline',
  async place() {
    let text = ''
    const write = async (bytes: Uint8Array) => void (text += Buffer.from(bytes))
    return {
      open: async () => stdoutDestination(write),
      received: async () => linesOf(text).map((line) => receivedOf(line)),
    }
  },
})

describe('a folder of NDJSON', () => {
  const source = sourceOf(shopWorld())
  const at = (hour: number) => parseSecond('2024-01-02')! + hour * 3_600
  const line = Buffer.from('{"a":1}\n')
  const page = {
    n: 1,
    bytes: line,
    starts: Int32Array.of(0, line.length),
    tables: Uint8Array.of(0),
    stores: Int32Array.of(0),
  }
  const batch = (from: number, to: number, n = 1): EventBatch => ({
    from: at(from),
    to: at(to),
    since: at(0),
    rows: { transactions: n, inventories: n },
    pages: () => (n > 0 ? [page] : []),
  })
  const opened = async (folder: string, world = source): Promise<Destination> =>
    openNdjsonFolder({ kind: 'ndjson', folder, ...LARGE }, world)
  const names = (folder: string) => readdirSync(folder).filter((name) => !name.startsWith('.'))

  test('knows where events begin when a kill comes between a batch and position.json', async () => {
    const folder = freshFolder()
    const place = await opened(folder)
    await place.deliver(batch(0, 1))
    await place.flush()
    const before = readFileSync(path.join(folder, 'position.json'))
    await place.deliver({ ...batch(1, 2), since: at(2) })
    await place.flush()
    await place[Symbol.asyncDispose]()
    writeFileSync(path.join(folder, 'position.json'), before)
    const again = await opened(folder)
    expect([again.since, again.position]).toEqual([at(2), at(2)])
    await again[Symbol.asyncDispose]()
  })

  test('shows nothing of a batch before it is complete, and forgets it after a crash', async () => {
    const folder = freshFolder()
    const place = await opened(folder)
    await place.deliver(batch(0, 1))
    await place.flush()
    await place.deliver(batch(1, 2))
    expect(names(folder)).toEqual(['20240102T000000Z-20240102T010000Z', 'position.json'])
    await place[Symbol.asyncDispose]()
    const again = await opened(folder)
    expect([again.since, again.position]).toEqual([at(0), at(1)])
    expect(readdirSync(path.join(folder, '.tmp'))).toEqual([])
    await again[Symbol.asyncDispose]()
  })

  test('counts the batches that readers see, not the deliveries of which they are made', async () => {
    const folder = freshFolder()
    const place = await opened(folder)
    for (const hour of [0, 1, 2]) await place.deliver(batch(hour, hour + 1))
    await place.flush()
    await place.deliver(batch(3, 4))
    await place.flush()
    await place.flush()
    expect(place.batches).toBe(2)
    expect(names(folder).filter((name) => name.startsWith('2'))).toHaveLength(2)
    await place[Symbol.asyncDispose]()
  })

  test('shows a batch after its time', async () => {
    const folder = freshFolder()
    const place = await openNdjsonFolder({ kind: 'ndjson', folder, sizeBytes: 64e6, ageMs: 1 }, source)
    await place.deliver(batch(0, 1))
    await expect.poll(() => place.position).toBe(at(1))
    await place[Symbol.asyncDispose]()
  })

  test('continues after a batch whose position was not recorded, and where a consumer removed batches', async () => {
    const folder = freshFolder()
    const place = await opened(folder)
    await place.deliver(batch(0, 1))
    await place.flush()
    await place[Symbol.asyncDispose]()
    renameSync(path.join(folder, names(folder)[0]), path.join(folder, '20240102T000000Z-20240102T030000Z'))
    const killed = await opened(folder)
    expect(killed.position).toBe(at(3))
    await killed.deliver(batch(3, 4))
    await killed.flush()
    await killed[Symbol.asyncDispose]()
    for (const name of names(folder).filter((name) => name.startsWith('2')))
      rmSync(path.join(folder, name), { recursive: true })
    const consumed = await opened(folder)
    expect(consumed.position).toBe(at(4))
    await consumed[Symbol.asyncDispose]()
  })

  test('refuses another world, a damaged position, and a second stream', async () => {
    const folder = freshFolder()
    const place = await opened(folder)
    await place.deliver(batch(0, 1))
    await place.flush()
    await expect(opened(folder)).rejects.toMatchObject({ code: 'busy' })
    await place[Symbol.asyncDispose]()
    await expect(opened(folder, sourceOf(shopWorld({ seed: 43 })))).rejects.toMatchObject({ code: 'foreign_world' })
    writeFileSync(path.join(folder, 'position.json'), '{}')
    await expect(opened(folder)).rejects.toMatchObject({ code: 'damaged' })
    rmSync(path.join(folder, 'position.json'))
    await expect(opened(folder)).rejects.toMatchObject({ code: 'damaged' })
  })

  test('fails, and keeps what it has, when the disk refuses', async () => {
    const folder = freshFolder()
    const place = await opened(folder)
    await place.deliver(batch(0, 1))
    // Somebody else took the name.
    mkdirSync(path.join(folder, '20240102T000000Z-20240102T010000Z'))
    writeFileSync(path.join(folder, '20240102T000000Z-20240102T010000Z/other'), '')
    await expect(place.flush()).rejects.toMatchObject({ code: 'ENOTEMPTY' })
    await expect(place.deliver(batch(1, 2))).rejects.toMatchObject({ code: 'ENOTEMPTY' })
    await place[Symbol.asyncDispose]()
  })
})
