import path from 'node:path'
import { pythonEnvironment } from '../../src/tools/python-environment.ts'
import { pythonHome } from '../tool.ts'

/** The Python of an environment made from a template's lock; made once, and kept in the cache. */
export const engine = (lock: string): Promise<string> =>
  pythonEnvironment({ lock: path.resolve(lock), homes: [pythonHome] })

/** How a template in a workspace starts our built tool. */
export const RETAIL_BIN = `${process.execPath} ${path.resolve(import.meta.dirname, '../../bin/retail.js')}`
