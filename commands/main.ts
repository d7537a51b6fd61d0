import { adviceText, advise, retail } from '../src/advice.ts'
import { RetailError } from '../src/errors.ts'
import { explainSystemError } from '../src/system-errors.ts'
import { Context, type Outside } from './context.ts'
import { processIo, widthOf } from './io.ts'
import { layOut, unbroken } from './render/layout.ts'
import { listen } from './stop.ts'

/** Runs one command line and resolves to its exit code. Only this function prints errors. */
export async function main(argv: readonly string[], outside: Partial<Outside> = {}): Promise<number> {
  const io = outside.io ?? processIo()
  if (asksVersion(argv)) return (await import('./version.ts')).printVersion(io, argv)
  const context = new Context(argv, {
    io,
    verbs: outside.verbs,
    prompts: outside.prompts,
    clock: outside.clock ?? performance,
  })
  const crash = (error: unknown) => void fail(context, error).then((code) => io.exit(code))
  const release = listen(context, crash)
  const uncaught = io.onCrash?.(crash)
  try {
    await run(context)
    return end(context)
  } catch (error) {
    return await fail(context, error)
  } finally {
    context.end()
    release()
    uncaught?.()
  }
}

/** Answered before anything else is loaded, because it must work when nothing else does. */
function asksVersion(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? undefined : end).some((word) => word === '--version' || word === '-V')
}

async function run(context: Context): Promise<void> {
  const [{ isHelpShown }, { buildProgram }] = await Promise.all([import('./command.ts'), import('./program.ts')])
  try {
    await (await buildProgram(context)).parseAsync(context.argv, { from: 'user' })
  } catch (error) {
    if (!isHelpShown(error)) throw error
  }
}

function end(context: Context): number {
  if (context.stopCode === undefined) return context.exitCode
  context.ui.note(
    `Stopped. Finished work is saved. Resume with:  ${unbroken(context.spell(['retail', ...context.argv]))}`,
  )
  return context.stopCode
}

/** What failed, why, and the command that fixes it. */
async function fail(context: Context, thrown: unknown): Promise<number> {
  const error = explainSystemError(thrown)
  const { painter } = await import('./ui/paint.ts')
  context.ui.clear()
  const { stderr, env } = context.io
  const debug = context.flags.debug || context.argv.includes('--debug')
  const paint = painter({ env }, stderr, context.flags.color !== false && !context.argv.includes('--no-color'))
  const failure = error instanceof RetailError ? error : surprise(error, thrown)
  const hint = failure.advice && adviceText(failure.advice, context.spell)
  const shownHint = failure.advice && adviceText(failure.advice, (line) => unbroken(context.spell(line)))
  const exitCode = context.stopCode ?? codeOf(failure, context.argv)

  const text = [
    `error: ${failure.message}`,
    ...(failure.why?.split('\n') ?? []).map((line) => `  ${line}`),
    ...(shownHint ? [`  → ${shownHint}`] : []),
  ]
  stderr.write(`${layOut(text, widthOf(stderr)).replace(/^error:/, paint('red', 'error:'))}\n`)
  if (debug) stderr.write(`${stackOf(failure)}\n`)
  context.reportError({ code: failure.code, message: failure.message, why: failure.why, hint, exitCode })
  return exitCode
}

/** With --detailed-exitcode, 2 means "changes", as in terraform, so every failure exits with 1. */
const codeOf = ({ exitCode }: RetailError, argv: readonly string[]): number =>
  argv.includes('--detailed-exitcode') ? 1 : exitCode

function surprise(error: unknown, thrown: unknown): RetailError {
  return new RetailError('failed', 'this is a bug in retail', {
    why: error instanceof Error ? error.message : String(error),
    hint: advise`run it again with --debug and report what it prints, with the output of: ${retail('--version', '--json')}`,
    cause: thrown,
  })
}

function stackOf(error: Error): string {
  const { error: later, suppressed: first } = error as { error?: unknown; suppressed?: unknown }
  const causes = [error.cause, first, later].filter((cause) => cause instanceof Error)
  return [error.stack, ...causes.map((cause) => `caused by ${stackOf(cause)}`)].join('\n')
}
