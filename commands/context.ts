import type { CommandLine, CommandName, Spell } from '../src/advice.ts'
import type { LoadedConfig, LoadOptions } from '../src/config/load.ts'
import type { Config } from '../src/config/schema.ts'
import { stopWaiting, watchOutages } from '../src/outages.ts'
import type { Next, Ran } from '../src/pipeline/next.ts'
import type { Ports } from '../src/ports/index.ts'
import type { Day } from '../src/time.ts'
import type { GlobalFlags, OverrideFlags } from './flag-types.ts'
import { exitCodeOf, type Io, type StopSignal, widthOf } from './io.ts'
import { layOut, renderNext, type Text } from './render/layout.ts'
import { renderOutage } from './render/outage.ts'
import { spellWith } from './spell.ts'
import type { Prompts } from './ui/prompts.ts'
import { type Stopwatch, throttle, type Ui } from './ui/ui.ts'
import type { Verbs } from './verbs.ts'

/** Everything outside the process that a command uses. Tests pass their own. */
export interface Outside {
  io: Io
  /** Default: the real adapters. */
  verbs: Verbs | undefined
  prompts: Prompts | undefined
  clock: Stopwatch
}

interface LoadFlags extends Pick<LoadOptions, 'presets'> {
  workspace?: string | undefined
  /** Flags of this invocation define the world, so it needs no workspace; undefined if they cannot. */
  named?: boolean | undefined
}

const JSON_SCHEMA_VERSION = 1
const PROGRESS_LINE_MS = 1_000

/** One invocation of one command: its flags, progress output, result, and exit code. */
export class Context {
  readonly argv: readonly string[]
  readonly io: Io
  /** Set by `begin`. */
  verbs!: Verbs
  readonly #verbs: Verbs | undefined
  readonly #prompts: Prompts | undefined
  flags: GlobalFlags = {}
  ui: Ui
  exitCode = 0
  /** The signal that asked this process to stop. */
  stoppedBy: StopSignal | undefined
  readonly #clock: Stopwatch
  readonly #stop = new AbortController()
  readonly #progressDue: () => boolean
  #command = 'retail'
  /** True if the command prints NDJSON with --json; other commands print one document. */
  #lines = false
  #reported = false
  /** Values from flags that override retail.yaml in this invocation. */
  #overrides: OverrideFlags = {}
  #spell: Spell | undefined
  #outages: Disposable | undefined
  #stopping: Disposable | undefined

  constructor(argv: readonly string[], { io, verbs, prompts, clock }: Outside) {
    this.argv = argv
    this.io = io
    this.#verbs = verbs
    this.#prompts = prompts
    this.#clock = clock
    this.#progressDue = throttle(PROGRESS_LINE_MS, clock)
    this.ui = plainUi((line) => io.stderr.write(`${line}\n`))
  }

  /** Runs before the action, when the flags are known: opens the UI. */
  async begin(command: string, flags: GlobalFlags, { lines }: { lines: boolean }): Promise<void> {
    this.flags = flags
    this.#command = command
    this.#lines = lines
    this.verbs = this.#verbs ?? (await import('./verbs.ts')).verbs
    this.ui = await this.#openUi()
    this.#outages ??= watchOutages((outage) => this.ui.warn(renderOutage(outage)))
    if (flags.json && lines) this.#print({ type: 'version', schema: JSON_SCHEMA_VERSION, command })
  }

  /** The command is over. */
  end(): void {
    this.#outages?.[Symbol.dispose]()
    this.#stopping?.[Symbol.dispose]()
    this.ui.clear()
  }

  /** The current UTC day, from which `yesterday` and `-90d` are counted. */
  get today(): Day {
    return Math.floor(this.io.now() / 86_400_000)
  }

  /** Aborts when the user asks to stop. The verb then finishes its current work and returns. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  stop(by?: StopSignal): void {
    this.stoppedBy ??= by
    this.#stopping ??= stopWaiting()
    this.#stop.abort(by)
  }

  /** The prompts. Undefined without a terminal, with --no-input, or with CI set. */
  async prompts(): Promise<Prompts | undefined> {
    const { canAsk, terminalPrompts } = await import('./ui/prompts.ts')
    return canAsk(this.io, this.flags) ? (this.#prompts ?? terminalPrompts(this.io)) : undefined
  }

  /** The effective config. */
  async load(
    flags: OverrideFlags = {},
    { workspace = this.flags.workspace, named, presets = {} }: LoadFlags = {},
  ): Promise<LoadedConfig> {
    const [{ loadConfig }, { overridesOf }] = await Promise.all([
      import('../src/config/load.ts'),
      import('./flag-types.ts'),
    ])
    const loaded = loadConfig({ cwd: this.io.cwd, env: this.io.env, workspace, overrides: overridesOf(flags), presets })
    if (!named) await this.#needWorkspace(loaded, named === undefined ? undefined : this.again)
    // Only now: advice must not repeat flags that the config rejects.
    this.#overrides = flags
    this.#spell = undefined
    return loaded
  }

  async #needWorkspace(loaded: LoadedConfig, again: CommandLine | undefined): Promise<void> {
    const [{ namesWorkspace }, { noWorkspace, preconditions }] = await Promise.all([
      import('../src/config/load.ts'),
      import('../src/pipeline/preconditions.ts'),
    ])
    if (!preconditions[this.#command as CommandName].includes('workspace') || namesWorkspace(loaded)) return
    const asked = this.flags.workspace !== undefined || Boolean(this.io.env.RETAIL_WORKSPACE)
    throw noWorkspace(loaded.config.workspace, asked, again)
  }

  /** Opens the ports of the target. If that calls a remote service, prints which one first. */
  async open(config: Config): Promise<Ports> {
    const calls = (await this.verbs.targetOf(config)).whomItCalls(config, this.io.env)
    if (calls !== undefined) this.ui.note(calls)
    return this.verbs.openPorts(config)
  }

  /** Formats a command line so that it can be pasted here. */
  get spell(): Spell {
    this.#spell ??= spellWith(this.io.launcher(), { workspace: this.flags.workspace, overrides: this.#overrides })
    return this.#spell
  }

  /**
   * Prints a progress line for machines; people see the bar. At most one per second, unless the line is an event of its
   * own.
   */
  progress(data: object, { always = false } = {}): void {
    if (this.flags.json && this.#lines && (always || this.#progressDue())) this.#print({ type: 'progress', ...data })
  }

  /**
   * The commands to run after `ran`. It reads the facts again. A failure here must not fail the finished command, so
   * the advice is then `retail status`.
   */
  async next(ran: Ran, ports?: Ports, config?: Config): Promise<Next[]> {
    const { nextAfter } = await import('../src/pipeline/next.ts')
    // The command has succeeded; see above.
    const facts = ports && config && (await this.verbs.facts(ports, config).catch(() => undefined))
    return nextAfter(ran, facts)
  }

  /** This command line again, without the flags that were meant for one invocation. */
  get again(): CommandLine {
    return ['retail', ...this.argv.filter((word) => !['--dry-run', '--json', '--quiet', '-q'].includes(word))]
  }

  /** Prints the result once on stdout, as text or as JSON, and then the next commands. */
  report<T extends object>(result: T, render: (result: T) => Text, exitCode = 0, next: readonly Next[] = []): void {
    this.ui.clear()
    this.#reported = true
    this.exitCode = exitCode
    const lines = next.map(({ command, what }) => [this.spell(command), what ?? ''] as const)
    const printed = { ...result, ...(lines.length > 0 && { next: lines.map(([command]) => command) }) }
    if (!this.flags.json) {
      const text = [render(result), ...(lines.length > 0 ? [renderNext(lines)] : [])].flat()
      this.io.stdout.write(`${layOut(text, widthOf(this.io.stdout))}\n`)
    } else if (this.#lines)
      this.#print({ ...this.#resultHead(this.stoppedBy === undefined && exitCode === 0), ...printed })
    else this.io.stdout.write(`${JSON.stringify(printed, null, 2)}\n`)
  }

  /** With --json, a failure is a document too, so a reader never waits for one. */
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
    // A pseudo-terminal without a size reports 0 columns, and ora would then clear lines forever.
    const moves = stderr.isTTY && stderr.columns !== 0 && this.io.env.TERM !== 'dumb'
    if (moves && !quiet && !json && !verbose) {
      const [{ terminalUi }, { painter }] = await Promise.all([import('./ui/terminal.ts'), import('./ui/paint.ts')])
      return terminalUi(stderr, painter(this.io, stderr, color), this.#clock)
    }
    const { quietUi } = await import('./ui/quiet.ts')
    return quietUi(stderr, { silent: quiet, progress: !json, verbose }, this.#clock)
  }
}

/** The UI before the flags are known, for signals and usage errors. */
function plainUi(line: (text: string) => void): Ui {
  const nothing = () => {}
  const note = (text: Text) => line(layOut(text))
  return {
    step: nothing,
    done: nothing,
    note,
    warn: note,
    output: line,
    live: nothing,
    clear: nothing,
    bar: () => ({ update: nothing, end: nothing }),
  }
}

/** A usage error occurs before commander has parsed the flags, so this looks at the raw arguments. */
function jsonAsked(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? undefined : end).includes('--json')
}
