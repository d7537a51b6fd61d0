import { RetailError } from '../src/errors.ts'
import { Context, type Outside } from './context.ts'
import { processIo } from './io.ts'
import { listen, shellLine } from './stop.ts'

/** Runs one command line and resolves to its exit code. The only place that prints an error. */
export async function main(argv: readonly string[], outside: Partial<Outside> = {}): Promise<number> {
  const io = outside.io ?? processIo()
  if (asksVersion(argv)) return (await import('./version.ts')).printVersion(io, argv)
  const context = new Context(argv, {
    io,
    verbs: outside.verbs,
    prompts: outside.prompts,
    clock: outside.clock ?? performance,
  })
  const release = listen(context)
  try {
    await run(context)
    return end(context)
  } catch (error) {
    return await fail(context, error)
  } finally {
    context.ui.clear()
    release()
  }
}

/** Answered before anything else is loaded: it has to work when nothing else does. */
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
  context.ui.note(`Stopped. What was finished is saved. Go on with:  ${shellLine(context.argv)}`)
  return context.stopCode
}

/** What failed, why, the command that mends it. */
async function fail(context: Context, error: unknown): Promise<number> {
  const { painter } = await import('./ui/paint.ts')
  context.ui.clear()
  const { stderr, env } = context.io
  const debug = context.flags.debug || context.argv.includes('--debug')
  const paint = painter({ env }, stderr, context.flags.color !== false && !context.argv.includes('--no-color'))
  const told = error instanceof RetailError ? error : surprise(error)
  const exitCode = context.stopCode ?? codeOf(told, context.argv)

  stderr.write(`${paint('red', 'error:')} ${told.message}\n`)
  for (const line of told.why?.split('\n') ?? []) stderr.write(`  ${line}\n`)
  if (told.hint) stderr.write(`  → ${told.hint}\n`)
  if (debug) stderr.write(`${stackOf(told)}\n`)
  context.reportError({ code: told.code, message: told.message, why: told.why, hint: told.hint, exitCode })
  return exitCode
}

/** With --detailed-exitcode 2 means changes, as users of terraform know it; so every failure is 1 then. */
const codeOf = ({ exitCode }: RetailError, argv: readonly string[]): number =>
  argv.includes('--detailed-exitcode') ? 1 : exitCode

function surprise(error: unknown): RetailError {
  return new RetailError('failed', 'this is a bug in retail', {
    why: error instanceof Error ? error.message : String(error),
    hint: 'run it again with --debug and report what it prints, with the output of: retail --version --json',
    cause: error,
  })
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : ''
  return `${error.stack}${cause}`
}
