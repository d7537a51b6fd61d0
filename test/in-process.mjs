// The built tool, run within this process.
import path from 'node:path'
import { PassThrough, Writable } from 'node:stream'

export const dist = path.resolve(import.meta.dirname, '../dist')
const { main } = await import(path.join(dist, 'commands/main.js'))
const { processIo } = await import(path.join(dist, 'commands/io.js'))

class Recorder extends Writable {
  text = ''
  _write(chunk, _encoding, done) {
    this.text += chunk
    done()
  }
}

/** Starts a command line without a terminal. `io` replaces what the process has; `said` is what it has printed so far. */
export function begin(argv, io) {
  const [stdout, stderr, stdin] = [new Recorder(), new Recorder(), new PassThrough()]
  stdin.end()
  const ended = main(argv, { io: { ...processIo(), stdin, stdout, stderr, onSignal: () => () => {}, ...io } })
  return { ended, said: () => ({ stdout: stdout.text, stderr: stderr.text }) }
}

/** Runs a command line for the drivers of the tables of damage and of faults; paths of `cwd` are told as <shop>. */
export async function retail(cwd, line) {
  const env = { NO_COLOR: '1', RETAIL_NO_INPUT: '1' }
  const { ended, said } = begin(line.split(' '), { cwd, env, onCrash: () => () => {}, launcher: () => ['retail'] })
  const code = await ended
  const { stdout, stderr } = said()
  return { code, stdout: stdout.replaceAll(cwd, '<shop>'), stderr: stderr.replaceAll(cwd, '<shop>') }
}

/** Answers the parent with a line of JSON. */
export const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
