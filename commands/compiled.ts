import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { Script } from 'node:vm'
import { setV8Flags } from '../src/pipeline/v8-flags.ts'

const folder = path.join(import.meta.dirname, '../program')
const file = path.join(folder, 'program.cjs')

/** What V8 has compiled is of use only to the same version, with the same flags, on the same kind of machine. */
export const cacheFile = path.join(folder, `node-${process.versions.node}-${process.platform}-${process.arch}.cache`)

setV8Flags()

/** The whole program, which `scripts/bundle-program.mjs` made, with the code that V8 compiled then. */
export const script = new Script(
  `(function (exports, require, importPackage, __dirname) {${readFileSync(file, 'latin1')}\n})`,
  { filename: file, cachedData: readCache() },
)

const modules: Record<string, () => unknown> = {}
script.runInThisContext()(modules, createRequire(file), (name: string) => import(name), folder)

/** A module that others start from: a command line, or a worker thread. */
export const load = <Module>(name: string): Module => modules[name]() as Module

function readCache(): Buffer | undefined {
  try {
    return readFileSync(cacheFile)
  } catch {
    // Another Node than the one that built the package: V8 compiles what it needs.
    return undefined
  }
}
