import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

/** Loaded before a program: leaves its peak resident memory, in bytes, in the file `peak` of its folder. */
if (isMainThread) process.on('exit', () => writeFileSync('peak', String(process.resourceUsage().maxRSS * 1024)))
