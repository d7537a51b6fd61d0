import path from 'node:path'
import { fs, makeFolders } from '../disk.ts'

const KEPT = 20

/** Creates the log file of this run, `transform-<n>.log`, and removes all but the last twenty. */
export function nextLog(folder: string, command = 'transform'): string {
  makeFolders(folder)
  const numbers = fs
    .readdirSync(folder)
    .flatMap((name) => new RegExp(`^${command}-(\\d+)\\.log$`).exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
  const log = (n: number) => path.join(folder, `${command}-${n}.log`)
  for (const old of numbers.slice(0, Math.max(0, numbers.length - KEPT + 1))) fs.rmSync(log(old), { force: true })
  const next = log((numbers.at(-1) ?? 0) + 1)
  fs.writeFileSync(next, '')
  return next
}
