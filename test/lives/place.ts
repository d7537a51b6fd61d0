import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { clockIs, setClock } from './clock.ts'
import type { Saved } from './journal.ts'
import { SimulatedDisk } from './simulated-disk.ts'

/** In memory where that can be had: DuckDB syncs on its own, and a simulated disk needs no real one. */
const memory = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()

/** What a workspace was at a moment: its files, what the disk has of them for good, and the time. */
export interface Moment {
  files: string
  journal: Saved
  clock: number
}

/** A simulated disk with one workspace on it, which can go back to any moment that was kept. */
export class Place {
  readonly folder: string
  readonly simulated: SimulatedDisk
  private readonly home: string
  private readonly graves: string
  private count = 0

  constructor() {
    this.home = fs.mkdtempSync(path.join(memory, 'retail-life-'))
    this.folder = path.join(this.home, 'shop')
    this.graves = path.join(this.home, 'graves')
    for (const each of [this.folder, this.graves]) fs.mkdirSync(each)
    this.simulated = new SimulatedDisk(this.folder, this.graves)
  }

  save(): Moment {
    const files = path.join(this.home, `moment-${this.count++}`)
    const journal = this.simulated.journal.save()
    copyPlace(this.home, files, new Set(this.simulated.journal.gravesInUse().map((grave) => path.basename(grave))))
    return { files, journal, clock: clockIs() }
  }

  restore({ files, journal, clock }: Moment): void {
    for (const each of [this.folder, this.graves]) fs.rmSync(each, { recursive: true, force: true })
    copyPlace(files, this.home)
    this.simulated.journal.restore(journal)
    setClock(clock)
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.home, { recursive: true, force: true })
  }
}

/** These files are only ever replaced, so a hard link works as a copy; DuckDB and locks change the others in place. */
const NEVER_CHANGED = /\.parquet$|^retail\.duckdb$/

/** The shop, and the graves: what has two names keeps them. */
function copyPlace(from: string, to: string, graves?: ReadonlySet<string>): void {
  const copies = new Map<number, string>()
  copyTree(path.join(from, 'shop'), path.join(to, 'shop'), copies)
  fs.mkdirSync(path.join(to, 'graves'))
  for (const name of fs.readdirSync(path.join(from, 'graves'))) {
    if (graves && !graves.has(name)) continue
    const grave = path.join(from, 'graves', name)
    // Nobody changes what has no name in the shop any more.
    fs.linkSync(copies.get(fs.statSync(grave).ino) ?? grave, path.join(to, 'graves', name))
  }
}

function copyTree(from: string, to: string, copies: Map<number, string>): void {
  fs.mkdirSync(to, { recursive: true })
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)]
    if (entry.isDirectory()) {
      copyTree(source, target, copies)
      continue
    }
    const { ino } = fs.statSync(source)
    const copy = copies.get(ino) ?? (NEVER_CHANGED.test(entry.name) ? source : undefined)
    if (copy) fs.linkSync(copy, target)
    else fs.copyFileSync(source, target)
    if (!copies.has(ino)) copies.set(ino, target)
  }
}
