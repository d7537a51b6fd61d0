import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
export const bin = path.join(root, 'bin/retail.js')

/** A whole Node process: seconds from start to end, and its output as JSON. */
export const measured = (file, args, folder) => timed(process.execPath, [file, ...args], folder)

/** A whole process from outside: seconds from start to end, and its output as JSON: one document, or the last of many lines. */
export async function timed(command, args, folder, input, allowed = [0]) {
  const start = performance.now()
  const child = spawn(command, args, {
    cwd: folder,
    env: {
      ...process.env,
      RETAIL_NO_INPUT: '1',
      RETAIL_PYTHON_HOME: path.join(root, 'node_modules/.cache/retail-python'),
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(input)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (!allowed.includes(code))
    throw new Error(`${path.basename(command)} ${args.join(' ')}: exit ${code}\n${stdout}\n${stderr}`)
  const seconds = (performance.now() - start) / 1000
  const [last] = stdout.trim().split('\n').slice(-1)
  const document = last === '}' ? stdout : last
  return { seconds, result: document.startsWith('{') ? JSON.parse(document) : undefined }
}

export const retail = (folder, line) => measured(bin, [...line.split(' '), '--json'], folder)
export const peer = (folder, name, ...args) => measured(path.join(import.meta.dirname, name), args.map(String), folder)

export function writeConfig(folder, { to, ...world }) {
  const keys = Object.entries({ products: 2000, ...world }).map(([key, value]) => `${key}: ${value}`)
  writeFileSync(path.join(folder, 'retail.yaml'), `version: 1\nworld: { ${keys.join(', ')} }\nhistory: { to: ${to} }\n`)
}

/** The state before the first command. */
export function forget(folder) {
  for (const name of ['lake', '.retail', 'retail.duckdb'])
    rmSync(path.join(folder, name), { recursive: true, force: true })
}

export async function openDuckdb(file = ':memory:') {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(file, { memory_limit: '4GB' })
  const connection = await instance.connect()
  return {
    run: (sql) => connection.run(sql),
    /** Each on a connection of its own. */
    async sideBySide(statements) {
      const connections = await Promise.all(statements.map(() => instance.connect()))
      await Promise.all(statements.map((sql, i) => connections[i].run(sql)))
      for (const each of connections) each.closeSync()
    },
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjects(),
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
