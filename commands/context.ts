import type { LoadedConfig } from '../src/config/load.ts'
import type { Config } from '../src/config/schema.ts'
import type { Ports } from '../src/ports/index.ts'
import type { GlobalFlags, OverrideFlags } from './given.ts'
import { exitCodeOf, type Io, type StopSignal } from './io.ts'
import type { Prompts } from './ui/prompts.ts'
import { type Clock, throttle, type Ui } from './ui/ui.ts'
import type { Verbs } from './verbs.ts'

/** What a run meets outside of itself; tests bring their own. */
export interface Outside {
  io: Io
  /** undefined: the real ones */
  verbs: Verbs | undefined
  prompts: Prompts | undefined
  clock: Clock
}

const JSON_SCHEMA_VERSION = 1
const PROGRESS_LINE_MS = 1_000

/** One run of one command: its flags, its story, its result, its end. */
export class Context {
  readonly argv: readonly string[]
  readonly io: Io
  /** there from `begin` on */
  verbs!: Verbs
  readonly #verbs: Verbs | undefined
  readonly #prompts: Prompts | undefined
  flags: GlobalFlags = {}
  ui: Ui
  exitCode = 0
  /** the signal that asked this run to stop */
  stoppedBy: StopSignal | undefined
  readonly #clock: Clock
  readonly #stop = new AbortController()
  readonly #progressDue: () => boolean
  #command = 'retail'
  /** long commands tell NDJSON under --json, the others one document */
  #lines = false
  #reported = false

  constructor(argv: readonly string[], { io, verbs, prompts, clock }: Outside) {
    this.argv = argv
    this.io = io
    this.#verbs = verbs
    this.#prompts = prompts
    this.#clock = clock
    this.#progressDue = throttle(PROGRESS_LINE_MS, clock)
    this.ui = plainUi((line) => io.stderr.write(`${line}\n`))
  }

  /** Before the action: the flags are known, the story begins. */
  async begin(command: string, flags: GlobalFlags, { lines }: { lines: boolean }): Promise<void> {
    this.flags = flags
    this.#command = command
    this.#lines = lines
    this.verbs = this.#verbs ?? (await import('./verbs.ts')).verbs
    this.ui = await this.#openUi()
    if (flags.json && lines) this.#print({ type: 'version', schema: JSON_SCHEMA_VERSION, command })
  }

  /** Aborts when the user asked to stop: the verb finishes what is in hand and returns. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  stop(by?: StopSignal): void {
    this.stoppedBy ??= by
    this.#stop.abort(by)
  }

  /** The questions, or undefined when there is nobody to ask. */
  async prompts(): Promise<Prompts | undefined> {
    const { canAsk, terminalPrompts } = await import('./ui/prompts.ts')
    return canAsk(this.io, this.flags) ? (this.#prompts ?? terminalPrompts(this.io)) : undefined
  }

  async load(flags: OverrideFlags = {}, workspace = this.flags.workspace): Promise<LoadedConfig> {
    const [{ loadConfig }, { overridesOf }] = await Promise.all([import('../src/config/load.ts'), import('./given.ts')])
    return loadConfig({ cwd: this.io.cwd, env: this.io.env, workspace, overrides: overridesOf(flags) })
  }

  /** Opens what the target is made of; of a call to others is said first whom it reaches. */
  async open(config: Config): Promise<Ports> {
    if (config.target === 'gcp') {
      const { whomWeCall } = await import('../src/config/emulators.ts')
      this.ui.note(whomWeCall(config, this.io.env))
    }
    return this.verbs.openPorts(config)
  }

  /** A line of progress for machines; people see the bar. Told at most once a second unless it is an event of its own. */
  progress(data: object, { always = false } = {}): void {
    if (this.flags.json && this.#lines && (always || this.#progressDue())) this.#print({ type: 'progress', ...data })
  }

  /** The result, once, on stdout: as text for people, as it is for machines. */
  report<T extends object>(result: T, render: (result: T) => string, exitCode = 0): void {
    this.ui.clear()
    this.#reported = true
    this.exitCode = exitCode
    if (!this.flags.json) this.io.stdout.write(`${render(result)}\n`)
    else if (this.#lines)
      this.#print({ ...this.#resultHead(this.stoppedBy === undefined && exitCode === 0), ...result })
    else this.io.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  }

  /** Under --json a failure is a document too, so that a reader never waits for one. */
  reportError(error: { code: string; message: string; why?: string; hint?: string; exitCode: number }): void {
    if (!(this.flags.json || jsonAsked(this.argv)) || this.#reported) return
    if (this.#lines) this.#print({ ...this.#resultHead(false), error })
    else this.io.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`)
  }

  get stopCode(): number | undefined {
    return this.stoppedBy && exitCodeOf(this.stoppedBy)
  }

  #resultHead(ok: boolean): object {
    return { type: 'result', schema: JSON_SCHEMA_VERSION, command: this.#command, ok }
  }

  #print(line: object): void {
    this.io.stdout.write(`${JSON.stringify(line)}\n`)
  }

  async #openUi(): Promise<Ui> {
    const { quiet = false, json = false, verbose = false, color = true } = this.flags
    const { stderr } = this.io
    // A pseudo-terminal without a size says 0 columns, and ora would clear infinitely many lines.
    const moves = stderr.isTTY && stderr.columns !== 0 && this.io.env.TERM !== 'dumb'
    if (moves && !quiet && !json && !verbose) {
      const [{ terminalUi }, { painter }] = await Promise.all([import('./ui/terminal.ts'), import('./ui/paint.ts')])
      return terminalUi(stderr, painter(this.io, stderr, color), this.#clock)
    }
    const { quietUi } = await import('./ui/quiet.ts')
    return quietUi(stderr, { silent: quiet, progress: !json, verbose }, this.#clock)
  }
}

/** Until the flags are known: a signal or a mistake may be told before. */
function plainUi(line: (text: string) => void): Ui {
  const nothing = () => {}
  return {
    step: nothing,
    done: nothing,
    note: line,
    warn: line,
    output: line,
    live: nothing,
    clear: nothing,
    bar: () => ({ update: nothing, end: nothing }),
  }
}

/** A usage error comes before flags are known; then the words themselves tell. */
function jsonAsked(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? undefined : end).includes('--json')
}
