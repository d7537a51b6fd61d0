import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

/** Preloaded into a program: writes its peak resident memory, in bytes, to the file `peak` in its folder. */
if (isMainThread) process.on('exit', () => writeFileSync('peak', String(process.resourceUsage().maxRSS * 1024)))
