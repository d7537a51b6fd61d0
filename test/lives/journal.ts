import fs from 'node:fs'
import path from 'node:path'
import type { Rng } from '../../src/random/rng.ts'

/** A file or folder by what it is, not by what it is called: renames change names only. */
export interface Node {
  folder: boolean
  /** where its bytes can be found: its path, or that of a link to it that the simulation kept when its name went */
  at: string
  /** tells a file from one that DuckDB put under the same name */
  ino: number
  /** size and time of the bytes that the disk has for good; undefined: none of them */
  synced: string | undefined
}

/** A name that comes into a folder, or goes from it. */
interface Entry {
  folder: Node
  name: string
  node: Node
  goes: boolean
}

/** A change of one or two names. The disk has it for good once one of the folders was synced. */
interface Change {
  kept: boolean
  entries: readonly Entry[]
}

/** Names in folders, as the disk has them. */
type Names = Map<Node, Map<string, Node>>

/** What a machine finds after it lost power, of all that a disk may have done with what was not synced. */
export const LOSSES = ['nothing unsynced', 'names without bytes', 'a prefix', 'any subset'] as const
export type Loss = (typeof LOSSES)[number]

/** All that a journal knows, as data. */
export interface Saved {
  top: Node
  nodes: Map<string, Node>
  changes: Change[]
  durable: Names
  graveCount: number
}

/**
 * What a disk has for good, beside what a process sees. Names are kept when their folder was synced, bytes when their file was; what
 * was not synced may be there or not, and names may be there in another order than they were given.
 */
export class Journal {
  readonly root: string
  private readonly graves: string
  private top: Node
  private nodes: Map<string, Node>
  private changes: Change[] = []
  private durable: Names
  private graveCount = 0

  constructor(root: string, graves: string) {
    this.root = root
    this.graves = graves
    this.top = { folder: true, at: root, ino: 0, synced: 'always' }
    this.nodes = new Map([[root, this.top]])
    this.durable = new Map([[this.top, new Map()]])
    this.learnAll(true)
  }

  /** The node at a path, which may have come into being behind our back. */
  node(file: string): Node | undefined {
    const known = this.nodes.get(file)
    if (file === this.root) return known
    const stat = fs.lstatSync(file, { throwIfNoEntry: false })
    if (!stat) {
      if (known) this.forget(file)
      return undefined
    }
    if (known && (known.folder || known.ino === stat.ino)) return known
    return this.created(file)
  }

  /** A new name for a new file or folder. */
  created(file: string): Node {
    const stat = fs.lstatSync(file)
    const node: Node = { folder: stat.isDirectory(), at: file, ino: stat.ino, synced: undefined }
    this.nodes.set(file, node)
    this.link(file, node)
    return node
  }

  /** Another name for an existing file. */
  linked(from: string, to: string): void {
    const node = this.node(from)
    if (!node) return
    this.nodes.set(to, node)
    this.link(to, node)
  }

  private link(file: string, node: Node): void {
    const [folder, name] = [this.node(path.dirname(file)), path.basename(file)]
    if (folder) this.change({ folder, name, node, goes: false })
  }

  /** To be called before a name goes or is taken over: its bytes may be needed after all. */
  keep(file: string): void {
    const node = this.node(file)
    if (!node || node.folder || node.at !== file) return
    node.at = path.join(this.graves, String(this.graveCount++))
    fs.linkSync(file, node.at)
  }

  /** A name went. */
  forget(file: string): void {
    const node = this.nodes.get(file)
    const [folder, name] = [this.nodes.get(path.dirname(file)), path.basename(file)]
    for (const each of [...this.nodes.keys()]) if (each === file || each.startsWith(`${file}/`)) this.nodes.delete(each)
    if (node && folder) this.change({ folder, name, node, goes: true })
  }

  /** Both names of a rename change together. */
  renamed(from: string, to: string): void {
    const node = this.nodes.get(from)
    const [left, entered] = [this.nodes.get(path.dirname(from)), this.nodes.get(path.dirname(to))]
    if (!node || !left || !entered) throw new Error(`the simulation does not know ${from}`)
    for (const [each, moved] of [...this.nodes]) {
      if (each !== from && !each.startsWith(`${from}/`)) continue
      const now = `${to}${each.slice(from.length)}`
      this.nodes.delete(each)
      this.nodes.set(now, moved)
      if (moved.at === each) moved.at = now
    }
    this.change(
      { folder: left, name: path.basename(from), node, goes: true },
      { folder: entered, name: path.basename(to), node, goes: false },
    )
  }

  /** What a sync of a file or a folder makes sure of. */
  synced(file: string): void {
    const node = this.node(file)
    if (!node) return
    if (!node.folder) {
      node.synced = stampOf(file)
      return
    }
    // Also what DuckDB put there.
    for (const name of fs.readdirSync(file)) this.node(path.join(file, name))
    for (const change of this.changes) if (change.entries.some(({ folder }) => folder === node)) change.kept = true
    this.settle()
  }

  private change(...entries: Entry[]): void {
    this.changes.push({ entries, kept: false })
  }

  /** What is kept before anything that is not can no longer come in another order. */
  private settle(): void {
    const open = this.changes.findIndex(({ kept }) => !kept)
    for (const { entries } of this.changes.splice(0, open < 0 ? this.changes.length : open))
      apply(entries, this.durable)
  }

  /** All of it, apart from what goes on. The files it names have to be saved beside it. */
  save(): Saved {
    this.learnAll(false)
    for (const node of this.everyFile()) if (node.synced !== stampOf(node.at)) node.synced = undefined
    const { top, nodes, changes, durable, graveCount } = this
    return structuredClone({ top, nodes, changes, durable, graveCount })
  }

  /** Continues from the saved state, after its files are restored. */
  restore(saved: Saved): void {
    Object.assign(this, structuredClone(saved))
    for (const node of this.everyFile()) {
      node.ino = fs.lstatSync(node.at, { throwIfNoEntry: false })?.ino ?? 0
      if (node.synced !== undefined) node.synced = stampOf(node.at)
    }
  }

  /** Files that have a name, or may get one back. */
  private everyFile(): Set<Node> {
    const all = new Set(this.nodes.values())
    for (const { entries } of this.changes) for (const { node } of entries) all.add(node)
    for (const entries of this.durable.values()) for (const node of entries.values()) all.add(node)
    for (const node of all) if (node.folder) all.delete(node)
    return all
  }

  /** Graves whose bytes a power loss may bring back. */
  gravesInUse(): string[] {
    return [...this.everyFile()].map(({ at }) => at).filter((at) => at.startsWith(`${this.graves}/`))
  }

  /** Makes the folder what it may be after power was lost now, and begins again from there. */
  lose(loss: Loss, rng: Rng): void {
    this.learnAll(false)
    const names = this.namesAfter(loss, rng)
    const next = `${this.root}.next`
    fs.mkdirSync(next)
    this.write(names, this.top, next, loss, rng)
    fs.rmSync(this.root, { recursive: true, force: true })
    fs.renameSync(next, this.root)
    for (const name of fs.readdirSync(this.graves)) fs.rmSync(path.join(this.graves, name))
    this.nodes = new Map([[this.root, this.top]])
    this.durable = new Map([[this.top, new Map()]])
    this.changes = []
    this.learnAll(true)
  }

  private namesAfter(loss: Loss, rng: Rng): Names {
    const names: Names = new Map([...this.durable].map(([folder, entries]) => [folder, new Map(entries)]))
    const cut = rng.below(this.changes.length + 1)
    this.changes.forEach(({ kept, entries }, i) => {
      const lucky =
        loss === 'names without bytes' ||
        (loss === 'a prefix' && i < cut) ||
        (loss === 'any subset' && rng.below(2) === 0)
      if (kept || lucky) apply(entries, names)
    })
    return names
  }

  private write(names: Names, folder: Node, to: string, loss: Loss, rng: Rng): void {
    for (const [name, node] of names.get(folder) ?? []) {
      const file = path.join(to, name)
      if (node.folder) {
        fs.mkdirSync(file)
        this.write(names, node, file, loss, rng)
      } else if (node.synced !== undefined && node.synced === stampOf(node.at)) fs.linkSync(node.at, file)
      else fs.writeFileSync(file, unsynced(node.at, loss === 'names without bytes' ? 0 : rng.below(4)))
    }
  }

  /** Sees what DuckDB did on its own. `durable`: after a start, all existing files are durable. */
  private learnAll(durable: boolean): void {
    const all = new Set([this.root])
    for (const entry of fs.readdirSync(this.root, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name)
      all.add(file)
      this.node(file)
      if (durable && entry.isFile()) this.synced(file)
    }
    for (const file of [...this.nodes.keys()]) if (!all.has(file)) this.forget(file)
    if (!durable) return
    for (const { entries } of this.changes) apply(entries, this.durable)
    this.changes = []
  }
}

function apply(entries: readonly Entry[], names: Names): void {
  for (const { folder, name, node, goes } of entries) {
    const inside = entriesOf(names, folder)
    if (!goes) inside.set(name, node)
    else if (inside.get(name) === node) inside.delete(name)
  }
}

function entriesOf(names: Names, folder: Node): Map<string, Node> {
  let entries = names.get(folder)
  if (!entries) names.set(folder, (entries = new Map()))
  return entries
}

function stampOf(file: string): string | undefined {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false, bigint: true })
  return stat && `${stat.size}/${stat.mtimeNs}`
}

/** Bytes that were never synced: none, some, zeros in their place, or all. */
function unsynced(file: string, how: number): Buffer {
  const bytes = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0)
  return [Buffer.alloc(0), bytes.subarray(0, bytes.length >> 1), Buffer.alloc(bytes.length), bytes][how]
}
