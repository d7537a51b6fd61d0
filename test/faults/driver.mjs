// Runs commands in this process on a disk of which one operation fails, and prints a line of JSON for each.
import nodeFs, { cpSync, existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setEnvironmentData } from 'node:worker_threads'
import { dist, retail, say } from '../in-process.mjs'
import disks from './failing-disk.cjs'

const { useDisk } = await import(path.join(dist, 'src/disk.js'))

for await (const text of createInterface({ input: process.stdin })) {
  const { id, shop, work, line, at, errno, after, inThreads } = JSON.parse(text)
  const folder = path.join(work, `fault-${id}`)
  cpSync(shop, folder, { recursive: true })
  const count = disks.openCount()
  const fault = { folder, at, errno, after }
  // Threads take it as they begin.
  if (inThreads) setEnvironmentData('retail-fault', { ...fault, buffer: count.buffer })
  else useDisk({ ...nodeFs, ...disks.failingDisk(fault, count.buffer) })
  const failed = await retail(folder, line)
  setEnvironmentData('retail-fault', undefined)
  useDisk()
  const told = { id, failed, ...count.read() }
  if (at !== null) {
    told.again = await retail(folder, line)
    // Neither an export nor init publishes, and a copied workspace waits for a publish.
    told.verified =
      !/^init|--out/.test(line) && existsSync(path.join(folder, 'retail.duckdb'))
        ? await retail(folder, 'verify')
        : undefined
  }
  rmSync(folder, { recursive: true })
  say(told)
}
