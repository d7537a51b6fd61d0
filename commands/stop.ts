import { errnoOf } from '../src/errors.ts'
import type { Context } from './context.ts'
import { exitCodeOf, stopSignals } from './io.ts'

/**
 * The first signal asks: the verb finishes what is in hand and returns. The second one ends the process.
 * Nothing is passed on to children: after Ctrl-C the terminal has told them already.
 */
export function listen(context: Context): () => void {
  const { io } = context
  const releases = stopSignals.map((signal) =>
    io.onSignal(signal, () => {
      if (context.stoppedBy !== undefined) {
        if (io.stderr.isTTY) io.stderr.write('\u001B[?25h\n')
        io.exit(exitCodeOf(context.stoppedBy))
        return
      }
      context.stop(signal)
      context.ui.note('Stopping after what is in hand (Ctrl-C again to stop now) …')
    }),
  )
  // A reader that left (`| head`) is no error; there is just nobody to go on for.
  const gone = (error: unknown) => {
    if (errnoOf(error) !== 'EPIPE' && errnoOf(error) !== 'EIO') throw error
    context.stop()
  }
  const ignore = () => {}
  io.stdout.on('error', gone)
  io.stderr.on('error', ignore)
  return () => {
    for (const release of releases) release()
  }
}

/** The command line as a shell takes it. */
export function shellLine(argv: readonly string[]): string {
  const quote = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
  return ['retail', ...argv.map(quote)].join(' ')
}
