import { existsSync, statfsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Machine } from '../src/pipeline/results.ts'

export type { Machine }

/** What this machine has for a workspace in the folder, which need not exist yet. A container may limit memory. */
export function machineOf(folder: string): Machine {
  const granted = process.constrainedMemory()
  return {
    cores: os.availableParallelism(),
    memoryBytes: granted > 0 ? Math.min(granted, os.totalmem()) : os.totalmem(),
    freeBytes: freeBytesOf(folder),
  }
}

function freeBytesOf(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(nearestFolder(folder))
    return bavail * bsize
  } catch {
    // Some file systems do not tell.
    return undefined
  }
}

function nearestFolder(folder: string): string {
  while (!existsSync(folder) && path.dirname(folder) !== folder) folder = path.dirname(folder)
  return folder
}
