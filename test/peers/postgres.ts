import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'

/** A PostgreSQL server of the machine's package, which a test may kill. Its superuser is `retail`, without a password. */
export interface PostgresServer {
  port: number
  /** `postgres://retail@127.0.0.1:PORT/NAME`, of a new database. */
  newDatabase(): Promise<string>
  query<Row extends object>(database: string, sql: string): Promise<Row[]>
  /** SIGKILL to the server, which drops all connections; resolves when it accepts connections again. */
  restart(): Promise<void>
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

/** It refuses to run as root. */
const asNobody = () => (process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {})
const DEBIAN = '/usr/lib/postgresql/15/bin'

/** Fails if PostgreSQL is not installed. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-postgres-'))
  const data = path.join(folder, 'data')
  const { uid, gid } = asNobody()
  if (uid !== undefined) chownSync(folder, uid, gid!)
  const options = { cwd: folder, ...asNobody() }
  const bin = existsSync(DEBIAN) ? `${DEBIAN}/` : ''
  await promisify(execFile)(
    `${bin}initdb`,
    ['-D', data, '-U', 'retail', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
    options,
  )
  const port = await freePort()
  let server: ChildProcess | undefined
  let databases = 0
  const urlOf = (database: string) => `postgres://retail@127.0.0.1:${port}/${database}`

  async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query(sql)).rows as Row[]
    } finally {
      await client.end()
    }
  }

  async function start(): Promise<void> {
    const args = ['-D', data, '-k', folder, '-p', `${port}`, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off']
    for (let tries = 0; ; tries++) {
      // One that follows a killed one refuses to start until the last child of that has ended.
      if (!server || server.exitCode !== null || server.signalCode !== null)
        server = spawn(`${bin}postgres`, args, { ...options, stdio: 'ignore' })
      try {
        await query(urlOf('postgres'), 'SELECT 1')
        return
      } catch (error) {
        if (tries > 200) throw error
        await sleep(50)
      }
    }
  }

  async function kill(): Promise<void> {
    // Its children notice that it is gone, and end.
    const died = new Promise((resolve) => server!.once('close', resolve))
    server!.kill('SIGKILL')
    await died
  }

  await start()
  return {
    port,
    query,
    start,
    kill,
    async newDatabase() {
      const name = `shop${++databases}`
      await query(urlOf('postgres'), `CREATE DATABASE ${name}`)
      return urlOf(name)
    },
    async restart() {
      await kill()
      await start()
    },
    async stop() {
      server!.kill('SIGINT')
      await new Promise((resolve) => server!.once('close', resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A port of the loopback device that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
