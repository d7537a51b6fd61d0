import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { pythonEnvironment } from '../src/tools/python-environment.ts'
import { pythonHome } from './python-home.ts'

/**
 * The Python of an environment with the locked packages, for tests that only use it. uv makes it with a tenth of the CPU
 * time of pip, which `python-environment.test.ts` and the journeys of a package file use, as most users do.
 */
export async function testEnvironment(lock: string): Promise<string> {
  return await pythonEnvironment({ lock: path.resolve(lock), homes: [pythonHome], env: await withUv() })
}

/** The environment with uv on the PATH; without uv, pip does the work. */
export async function withUv(): Promise<NodeJS.ProcessEnv> {
  const lock = path.join(import.meta.dirname, 'uv.lock')
  const python = await pythonEnvironment({ lock, homes: [pythonHome] }).catch(() => undefined)
  if (python === undefined) return process.env
  // Of its folder only uv: its Python would make another environment than that of the tools under test.
  const folder = path.join(path.dirname(python), '../only-uv')
  const link = path.join(folder, 'uv')
  mkdirSync(folder, { recursive: true })
  if (!existsSync(link)) symlinkSync('../bin/uv', link)
  // What a test imports is compiled then; of the largest environments that is a fifth.
  return { ...process.env, PATH: `${folder}${path.delimiter}${process.env.PATH}`, UV_COMPILE_BYTECODE: '0' }
}
