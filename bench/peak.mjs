import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

/** Preloaded into a program: writes its peak resident memory, in bytes, to the file `peak` in its folder, and its CPU seconds to `cpu`. */
if (isMainThread)
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
    writeFileSync('peak', String(maxRSS * 1024))
    writeFileSync('cpu', String((userCPUTime + systemCPUTime) / 1e6))
  })
