import { readdirSync, readFileSync } from 'node:fs'
import { afterAll } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    cpuSeconds?: number
    ownCpuSeconds?: number
  }
}

const TICKS_PER_SECOND = 100

/** Of the files before this one, where one process runs several. */
const counted = ((globalThis as { countedCpu?: { all: number; own: number } }).countedCpu ??= { all: 0, own: 0 })

/** The first hook that is registered runs last: what the file has started, and ended, is counted. */
// biome-ignore lint/correctness/noEmptyPattern: Vitest reads the pattern to see which fixtures a hook needs
afterAll(({}, { file }) => {
  if (process.platform !== 'linux') return
  const { user, system } = process.cpuUsage()
  const [all, own] = [cpuSecondsOf(process.pid), (user + system) / 1e6]
  Object.assign(file.meta, { cpuSeconds: all - counted.all, ownCpuSeconds: own - counted.own })
  Object.assign(counted, { all, own })
})

/** CPU time of a process and everything that it has started, as long as nothing of that has left the process tree. */
function cpuSecondsOf(root: number): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => timesOf(Number(name)) ?? [])
  const sum = (pid: number): number =>
    processes.reduce(
      (total, each) => total + (each.pid === pid ? each.ticks : each.parent === pid ? sum(each.pid) : 0),
      0,
    )
  return sum(root) / TICKS_PER_SECOND
}

/** Of a process that lives, with the children that it has waited for. */
function timesOf(pid: number): { pid: number; parent: number; ticks: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program, in parentheses, may contain anything.
    const [, parent, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = fields.slice(9, 13).reduce((total, field) => total + Number(field), 0)
    return { pid, parent: Number(parent), ticks }
  } catch {
    // It has ended.
    return undefined
  }
}
