// A disk of which one operation fails. Loaded before a program (NODE_OPTIONS), it is the disk of its worker threads, whenever the
// program says which operation that is.
const fs = require('node:fs')
const { getEnvironmentData, isMainThread } = require('node:worker_threads')

const OPERATIONS = [
  ...['copyFileSync', 'fsync', 'fsyncSync', 'linkSync', 'mkdirSync', 'openSync', 'readdirSync', 'readFileSync'],
  ...['readSync', 'renameSync', 'rmSync', 'statSync', 'writeFileSync', 'writevSync'],
]
/** Bytes for the name of the operation that failed, after the counter. */
const NAME = 500

/** What all threads count together: operations, and the name of the one that failed. */
function openCount() {
  const buffer = new SharedArrayBuffer(4 + NAME)
  return { buffer, read: () => ({ operations: new Int32Array(buffer, 0, 1)[0], hit: nameIn(buffer) || undefined }) }
}

const nameIn = (buffer) => Buffer.from(new Uint8Array(buffer, 4)).toString().replaceAll('\0', '')

/** Fails at the `at`th operation within `folder` with `errno`, and `after` that at each one, clean-ups too. */
function failingDisk({ folder, at, errno, after }, buffer) {
  const counter = new Int32Array(buffer, 0, 1)
  const real = { ...fs }
  const disk = {}
  const opened = new Set()
  for (const name of OPERATIONS)
    disk[name] = (...given) => {
      const [place] = given
      const inside = typeof place === 'number' ? opened.has(place) : String(place).startsWith(folder)
      if (!inside) return real[name](...given)
      const n = Atomics.add(counter, 0, 1)
      if (at === null || n < at || (n > at && !after)) {
        const result = real[name](...given)
        if (name === 'openSync') opened.add(result)
        return result
      }
      if (n === at)
        new Uint8Array(buffer, 4).set(
          Buffer.from(`${name} ${String(place).replace(folder, '<shop>')}`).subarray(0, NAME),
        )
      const named = typeof place === 'string' ? { path: place } : {}
      const syscall = name.replace('Sync', '')
      const error = Object.assign(new Error(`${errno}: injected, ${syscall}`), { code: errno, syscall, ...named })
      if (name === 'fsync') return given.at(-1)(error)
      throw error
    }
  return disk
}

module.exports = { openCount, failingDisk }

if (!isMainThread) {
  const fault = getEnvironmentData('retail-fault')
  if (fault) Object.assign(fs, failingDisk(fault, fault.buffer))
}
