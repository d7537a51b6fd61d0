import path from 'node:path'

/** One Python environment for all journeys; `make test` finds it again. */
export const pythonHome = path.resolve(import.meta.dirname, '../node_modules/.cache/retail-python')
