import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'
import type { Outside } from '../commands/context.ts'
import type { Io, Sink, StopSignal } from '../commands/io.ts'
import { main } from '../commands/main.ts'
import type { Prompts } from '../commands/ui/prompts.ts'
import type { Stopwatch } from '../commands/ui/ui.ts'
import { type Verbs, verbs } from '../commands/verbs.ts'
import { gcpTarget } from '../src/adapters/gcp/target.ts'
import { localTarget } from '../src/adapters/local/target.ts'
import type { Target } from '../src/adapters/target.ts'
import type { FindLacking, IsBilled, Ports, TakeInventory } from '../src/ports/index.ts'
import { shopFacts } from './results.ts'

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

export interface Visit {
  /** The user's folder; by default a new one, which is a workspace unless the command creates one. */
  cwd?: string
  env?: Record<string, string>
  /** true: stdin and stderr are terminals; stdout stays a pipe */
  terminal?: boolean
  /** width of that terminal */
  columns?: number
  /** stdout is a terminal of this width, too */
  screen?: number
  verbs?: Partial<Verbs>
  prompts?: Prompts
  /** the words the tool was started with */
  launcher?: readonly string[]
  clock?: Stopwatch
  /** takes the bytes written to stdout */
  bytes?: Buffer[]
  /** the day it is; default: the machine's */
  today?: string
  /** called once the signals are listened to */
  onStart?: (send: (signal: StopSignal) => void) => void
}

/** Runs a command line in this process, as a user in `cwd` would see it. Words with spaces go in an array. */
export async function retail(line: string | readonly string[], visit: Visit = {}): Promise<Outcome> {
  const argv = typeof line === 'string' ? line.split(' ').filter(Boolean) : line
  const cwd = visit.cwd ?? (['init', 'demo'].includes(argv[0]) ? freshFolder() : freshWorkspace())
  const [stdout, stderr] = [new Recorder(), new Recorder()]
  stdout.bytes = visit.bytes
  const stdin = Object.assign(new PassThrough(), { isTTY: visit.terminal === true })
  stdin.end()
  const cursor = { cursorTo: () => true, clearLine: () => true, moveCursor: () => true }
  if (visit.terminal) Object.assign(stderr, { isTTY: true, columns: visit.columns ?? 100, ...cursor })
  if (visit.screen) Object.assign(stdout, { isTTY: true, columns: visit.screen })
  const handlers = new Map<StopSignal, () => void>()
  let left: number | undefined
  const io: Io = {
    cwd,
    env: visit.env ?? {},
    stdin,
    stdout,
    stderr,
    onSignal(signal, handler) {
      handlers.set(signal, handler)
      if (handlers.size === 3) visit.onStart?.((sent) => handlers.get(sent)?.())
      return () => handlers.delete(signal)
    },
    launcher: () => visit.launcher ?? ['retail'],
    machine: async () => ({ cores: 2, memoryBytes: 8e9, freeBytes: 50e9 }),
    now: () => (visit.today === undefined ? Date.now() : Date.parse(`${visit.today}T12:00:00Z`)),
    exit: (code) => {
      left ??= code
    },
  }
  const outside: Partial<Outside> = { io, prompts: visit.prompts, clock: visit.clock }
  if (visit.verbs)
    outside.verbs = {
      ...verbs,
      openPorts: async () => noPorts(),
      enter: async () => {},
      facts: async () => shopFacts,
      ...visit.verbs,
    }
  const code = await main(argv, outside)
  const hide = (text: string) => text.replaceAll(cwd, '<here>')
  return { code: left ?? code, stdout: hide(stdout.text), stderr: hide(stderr.text) }
}

/** An empty folder that goes when the test ends. */
export function freshFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A folder with a retail.yaml that says nothing: the defaults hold. */
function freshWorkspace(): string {
  const folder = freshFolder()
  writeFileSync(path.join(folder, 'retail.yaml'), 'version: 1\n')
  return folder
}

/** For verbs that a test brings itself: they ask for nothing. */
const noPorts = (): Ports =>
  ({
    target: localTarget,
    warehouse: { traits: localTarget.warehouse },
    [Symbol.asyncDispose]: async () => {},
  }) as unknown as Ports

/** Google Cloud, of which a test answers some questions itself. */
export const cloudWith =
  ({
    permissions,
    billed = async () => true,
    inventory,
  }: {
    permissions?: () => Promise<FindLacking>
    billed?: IsBilled
    inventory?: () => Promise<TakeInventory>
  }) =>
  async (): Promise<Target> => ({
    ...gcpTarget,
    ...(gcpTarget.preflight.checks &&
      permissions && {
        preflight: { ...gcpTarget.preflight, openPermissions: permissions, openBilling: async () => billed },
      }),
    ...(gcpTarget.infra.needed && inventory && { infra: { ...gcpTarget.infra, openInventory: inventory } }),
  })

class Recorder extends Writable implements Sink {
  text = ''
  isTTY?: boolean
  columns?: number
  bytes: Buffer[] | undefined

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytes?.push(Buffer.from(chunk))
    this.text += chunk.toString()
    done()
  }
}
