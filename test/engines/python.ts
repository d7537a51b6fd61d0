import path from 'node:path'
import { testEnvironment } from '../python-env.ts'

/** The Python of an environment made from a template's lock; made once, and kept in the cache. */
export const engine = testEnvironment

/** How a template in a workspace starts our built tool. */
export const RETAIL_BIN = `${process.execPath} ${path.resolve(import.meta.dirname, '../../bin/retail.js')}`
