import { errnoOf } from '../src/errors.ts'
import { explainSystemError } from '../src/system-errors.ts'
import type { Context } from './context.ts'
import { exitCodeOf, stopSignals } from './io.ts'

/**
 * The first signal asks the verb to finish its current work and return. The second one ends the process. It forwards
 * nothing to child processes, because after Ctrl-C the terminal has signaled them already.
 */
export function listen(context: Context, crash: (error: unknown) => void): () => void {
  const { io } = context
  const releases = stopSignals.map((signal) =>
    io.onSignal(signal, () => {
      if (context.stoppedBy !== undefined) {
        if (io.stderr.isTTY) io.stderr.write('\u001B[?25h\n')
        io.exit(exitCodeOf(context.stoppedBy))
        return
      }
      context.stop(signal)
      context.ui.note('Finishing the current work, then stopping (press Ctrl-C again to stop now) …')
    }),
  )
  // A reader that closed the pipe (`| head`) is not an error; nothing reads the output any more.
  const gone = (error: unknown) => {
    if (errnoOf(error) === 'EPIPE' || errnoOf(error) === 'EIO') return context.stop()
    // It may come after the command has ended; the exit code must not say that the result was printed.
    crash(explainSystemError(error, 'writing to stdout'))
  }
  const ignore = () => {}
  io.stdout.on('error', gone)
  io.stderr.on('error', ignore)
  return () => {
    for (const release of releases) release()
  }
}
