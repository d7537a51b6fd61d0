import { AsyncLocalStorage } from 'node:async_hooks'
import fs from 'node:fs'
import path from 'node:path'
import type { Disk } from '../../src/disk.ts'
import { Journal } from './journal.ts'

/** What goes wrong, and at which operation of a step. */
export interface Fault {
  kind: 'kill' | 'power' | 'error'
  /** as the disk names it: what, to which kind of file, for which time: `rename lake/live/*\/* 2` */
  at: string
  /** of an error */
  code: 'EIO' | 'ENOSPC'
  /** an error: everything that follows fails, too, and so does clearing up */
  lasting: boolean
}

/** Thrown by every operation of a process that is dead. */
export class Killed extends Error {
  override readonly name = 'Killed'
  constructor() {
    super('the process was killed')
  }
}

/** Operations that change nothing: to be killed there is to be killed at the next that does. */
const READS = ['open', 'read', 'list', 'look']
export const isRead = (operation: string): boolean => READS.includes(operation.split(' ')[0])

/**
 * A real folder in which every operation is numbered, one of them can go wrong, and what was not synced can be lost. DuckDB works on
 * the same folder behind its back.
 */
export class SimulatedDisk {
  readonly journal: Journal
  readonly disk: Disk
  /** every operation since it was armed, in order */
  operations: string[] = []
  /** Whether the fault has occurred. */
  hit = false
  private readonly root: string
  private readonly open = new Map<number, string>()
  private readonly counts = new Map<string, number>()
  private fault: Fault | undefined
  /** who may still do anything: a process that ended, however it did, does nothing from then on */
  private process: object = {}
  private readonly running = new AsyncLocalStorage<object>()
  private dead = false
  private failing = false

  constructor(root: string, graves: string) {
    this.root = root
    this.journal = new Journal(root, graves)
    this.disk = this.operationsOf()
  }

  /** Runs work as a process of its own, in which this goes wrong. */
  async run(fault: Fault | undefined, work: () => Promise<void>): Promise<void> {
    this.fault = fault
    this.hit = this.dead = this.failing = false
    this.operations = []
    this.counts.clear()
    this.process = {}
    try {
      await this.running.run(this.process, work)
    } finally {
      this.dead = true
    }
  }

  /** Numbers an operation; throws when it is the one, after `half` of it was done, or when nothing works any more. */
  private before(what: string, file: string, half?: () => void): void {
    this.alive()
    const kind = `${what} ${kindOf(path.relative(this.root, file))}`
    const n = (this.counts.get(kind) ?? 0) + 1
    this.counts.set(kind, n)
    const operation = `${kind} ${n}`
    this.operations.push(operation)
    const { fault } = this
    if (!fault) return
    if (this.failing) throw systemError(fault.code, what, file)
    if (this.hit || fault.at !== operation) return
    this.hit = true
    half?.()
    if (fault.kind === 'error') {
      this.failing = fault.lasting
      throw systemError(fault.code, what, file)
    }
    this.dead = true
    throw new Killed()
  }

  private inside(file: unknown): file is string {
    return typeof file === 'string' && (file === this.root || file.startsWith(`${this.root}/`))
  }

  private alive(): void {
    if (this.dead || this.running.getStore() !== this.process) throw new Killed()
  }

  private operationsOf(): Disk {
    const { journal } = this
    const our = (file: unknown): file is string => this.inside(file)
    const before = this.before.bind(this)

    const makeOne = (folder: string) => {
      before('mkdir', folder)
      fs.mkdirSync(folder)
      journal.created(folder)
    }
    const removeOne = (file: string) => {
      before('remove', file)
      journal.keep(file)
      fs.rmSync(file, { recursive: true, force: true })
      journal.forget(file)
    }
    const removeAll = (file: string) => {
      if (journal.node(file)?.folder) for (const name of fs.readdirSync(file)) removeAll(path.join(file, name))
      removeOne(file)
    }
    const learn = (file: string) => {
      if (journal.node(file)?.folder) for (const name of fs.readdirSync(file)) learn(path.join(file, name))
    }
    const syncOpen = (fd: number) => {
      const file = this.open.get(fd)
      if (file === undefined) return fs.fsyncSync(fd)
      before('sync', file)
      journal.synced(file)
    }
    const write = (fd: number, file: string, bytes: Uint8Array) => {
      before('write', file, () => fs.writeSync(fd, bytes.subarray(0, bytes.length >> 1)))
      fs.writeSync(fd, bytes)
    }
    const openNew = (file: string, flags: string) => {
      before('create', file)
      const fd = fs.openSync(file, flags)
      journal.node(file)
      this.open.set(fd, file)
      return fd
    }

    const simulated = {
      existsSync: (file) => {
        this.alive()
        return fs.existsSync(file)
      },
      closeSync: (fd) => {
        this.open.delete(fd)
        fs.closeSync(fd)
      },
      openSync: (file, flags = 'r', mode) => {
        if (!our(file)) return fs.openSync(file, flags, mode)
        if (/^(w|a)/.test(String(flags))) return openNew(file, String(flags))
        before('open', file)
        const fd = fs.openSync(file, flags)
        this.open.set(fd, file)
        return fd
      },
      writevSync: (fd, chunks) => {
        const file = this.open.get(fd)
        const bytes = Buffer.concat(
          chunks.map((chunk) => new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)),
        )
        if (file === undefined) return fs.writevSync(fd, chunks)
        write(fd, file, bytes)
        return bytes.length
      },
      writeFileSync: (file, data, options) => {
        if (!our(file)) return fs.writeFileSync(file, data, options)
        const fd = openNew(file, 'w')
        try {
          write(fd, file, Buffer.from(data as string))
          if (typeof options === 'object' && options !== null && 'flush' in options && options.flush) syncOpen(fd)
        } finally {
          simulated.closeSync(fd)
        }
      },
      fsyncSync: syncOpen,
      fsync: (fd, done) => {
        setImmediate(() => {
          let failure: NodeJS.ErrnoException | null = null
          try {
            syncOpen(fd)
          } catch (error) {
            failure = error as Error
          }
          done(failure)
        })
      },
      mkdirSync: ((folder: string, options?: { recursive?: boolean }) => {
        if (!our(folder)) return fs.mkdirSync(folder, options)
        if (!options?.recursive) return makeOne(folder)
        this.alive()
        const missing: string[] = []
        for (let at = folder; !fs.existsSync(at); at = path.dirname(at)) missing.unshift(at)
        for (const each of missing) makeOne(each)
        return missing[0]
      }) as Disk['mkdirSync'],
      renameSync: (from, to) => {
        if (!our(from) || !our(to)) return fs.renameSync(from, to)
        before('rename', to)
        learn(from)
        journal.keep(to)
        fs.renameSync(from, to)
        journal.renamed(from, to)
      },
      rmSync: (file, options) => {
        if (!our(file)) return fs.rmSync(file, options)
        this.alive()
        if (fs.existsSync(file)) removeAll(file)
        else if (!options?.force) fs.rmSync(file)
      },
      linkSync: (from, to) => {
        if (!our(from) || !our(to)) return fs.linkSync(from, to)
        before('link', to)
        fs.linkSync(from, to)
        journal.linked(from, to)
      },
      copyFileSync: (from, to, mode) => {
        if (!our(from) || !our(to)) return fs.copyFileSync(from, to, mode)
        before('copy', to, () => {
          fs.copyFileSync(from, to)
          fs.truncateSync(to, fs.statSync(to).size >> 1)
          journal.node(to)
        })
        fs.copyFileSync(from, to, mode)
        journal.node(to)
      },
    } satisfies Partial<Disk>

    /** Operations that only read, with their own types. */
    const reading = <Name extends 'readFileSync' | 'readdirSync' | 'statSync' | 'lstatSync'>(
      name: Name,
      what: string,
    ) =>
      ((file: unknown, ...rest: unknown[]) => {
        if (our(file)) before(what, file)
        else this.alive()
        return (fs[name] as (...given: unknown[]) => unknown)(file, ...rest)
      }) as Disk[Name]

    return {
      ...fs,
      ...simulated,
      readFileSync: reading('readFileSync', 'read'),
      readdirSync: reading('readdirSync', 'list'),
      statSync: reading('statSync', 'look'),
      lstatSync: reading('lstatSync', 'look'),
    }
  }
}

/** A path without what differs from life to life: pids, instants, counters. */
function kindOf(file: string): string {
  return file
    .replaceAll(/\d{8}T[\d.]+Z-\d{8}T[\d.]+Z/g, '*')
    .replaceAll(/live\/\d{6}/g, 'live/*')
    .replaceAll(/\d+-\d+-[0-9a-z]+-\d+/g, '*')
    .replaceAll(/readers\/\d+-\d+/g, 'readers/*')
    .replaceAll(/(yaml|gitignore|json)\.\d+\.tmp/g, '$1.*.tmp')
}

function systemError(code: Fault['code'], what: string, file: string): NodeJS.ErrnoException {
  const text = { EIO: 'i/o error', ENOSPC: 'no space left on device' }[code]
  return Object.assign(new Error(`${code}: ${text}, ${what} '${file}'`), {
    code,
    errno: { EIO: -5, ENOSPC: -28 }[code],
    syscall: what,
    path: file,
  })
}
