import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { addPeers, givePeers, type Health, isHealthy, type RunningPeers, takePeers } from './pool.ts'

/** pubsub forgets everything when it is restarted, bigquery too; storage keeps its objects. */
export type PeerName = 'pubsub' | 'storage' | 'bigquery'

export interface Peers {
  project: string
  /** what the tool reads, to be handed to its processes */
  env: Record<string, string>
  /** The test file is done with them. */
  stop(): Promise<void>
}

/** Emulators that a test file has for itself, and may kill. */
export interface OwnPeers extends Peers {
  running: RunningPeers
  /** Ends one with SIGKILL and waits for its end. */
  kill(name: PeerName): Promise<void>
  /** Starts one again on its port and waits until it answers. */
  start(name: PeerName): Promise<void>
}

interface Peer extends Health {
  argv: string[]
  env?: Record<string, string>
}

const TRIES = 3

/** Emulators that no other test file uses at the same time; they may hold what an earlier one has left, under other names. */
export async function startPeers(): Promise<Peers> {
  const pool = process.env.RETAIL_PEERS_POOL
  if (pool === undefined) return startOwnPeers()
  const peers = (await takePeers(pool)) ?? addPeers(pool, (await startOwnPeers()).running)
  return { ...peers, stop: async () => givePeers(pool, peers) }
}

/** Emulators on random ports of the loopback device. Fails when one cannot be installed or does not answer. */
export async function startOwnPeers(): Promise<OwnPeers> {
  const programs = await install()
  for (let left = TRIES - 1; ; left--) {
    try {
      return await startOnFreePorts(programs)
    } catch (error) {
      // Another process may have taken a port between the look and the start.
      if (left === 0) throw error
    }
  }
}

async function startOnFreePorts({ PUBSUB_JAR, GCS_BIN, BQ_PYTHON }: Record<string, string>): Promise<OwnPeers> {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-peers-'))
  for (const name of ['gcs', 'uploads']) mkdirSync(path.join(folder, name))
  const project = 'test-project'
  const [pubsub, storage, rest, grpc] = (await freePorts(4)).map((port) => `127.0.0.1:${port}`)
  const portOf = (address: string) => address.split(':')[1]
  const gcs = path.join(folder, 'gcs')
  const peers: Record<PeerName, Peer> = {
    pubsub: {
      argv: ['java', '-Xmx2g', '-jar', PUBSUB_JAR, '--host=127.0.0.1', `--port=${portOf(pubsub)}`],
      url: `http://${pubsub}/`,
      healthy: '^Ok',
    },
    storage: {
      argv: [
        ...[GCS_BIN, '-scheme', 'http', '-host', '127.0.0.1', '-port', portOf(storage), '-log-level', 'warn'],
        ...['-backend', 'filesystem', '-filesystem-root', gcs],
        ...['-external-url', `http://${storage}`, '-public-host', storage],
      ],
      url: `http://${storage}/storage/v1/b?project=${project}`,
      healthy: 'storage#buckets',
    },
    bigquery: {
      argv: [
        ...[
          BQ_PYTHON,
          path.join(import.meta.dirname, '../../templates/docker/docker/bigquery/bqemu.py'),
          'start',
          '--ephemeral',
          '--log-level',
          'warning',
        ],
        ...['--rest-port', portOf(rest), '--grpc-port', portOf(grpc), '--project', project],
      ],
      env: {
        BQEMU_ENABLE_FORMAT_EXTENSIONS: 'false',
        BQEMU_GCS_LOCAL_ROOT: gcs,
        BQEMU_UPLOAD_STAGING_DIR: path.join(folder, 'uploads'),
      },
      url: `http://${rest}/healthz`,
      healthy: '"ok"',
    },
  }
  const running = new Map<PeerName, ChildProcess>()

  async function start(name: PeerName): Promise<void> {
    const { argv, env, ...health } = peers[name]
    const log = path.join(folder, `${name}.log`)
    const out = openSync(log, 'a')
    const child = spawn(argv[0], argv.slice(1), { env: { ...process.env, ...env }, stdio: ['ignore', out, out] })
    running.set(name, child)
    const tail = () => readFileSync(log, 'utf8').slice(-2000)
    for (let tries = 0; tries < 600; tries++) {
      if (child.exitCode !== null) throw new Error(`the ${name} emulator ended by itself:\n${tail()}`)
      if (await isHealthy(health)) return
      await sleep(100)
    }
    throw new Error(`the ${name} emulator does not answer after a minute:\n${tail()}`)
  }

  async function kill(name: PeerName): Promise<void> {
    const child = running.get(name)
    running.delete(name)
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  const names = Object.keys(peers) as PeerName[]
  async function stop(): Promise<void> {
    await Promise.all(names.map(kill))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await Promise.all(names.map(start))
  } catch (error) {
    await stop()
    throw error
  }
  const env = {
    PUBSUB_EMULATOR_HOST: pubsub,
    STORAGE_EMULATOR_HOST: `http://${storage}`,
    RETAIL_BIGQUERY_ENDPOINT: `http://${rest}`,
    RETAIL_BIGQUERY_STORAGE_ENDPOINT: grpc,
    METADATA_SERVER_DETECTION: 'none',
  }
  return {
    project,
    env,
    running: {
      ...{ project, env, folder },
      pids: names.flatMap((name) => running.get(name)?.pid ?? []),
      health: Object.values(peers).map(({ url, healthy }) => ({ url, healthy })),
    },
    kill,
    start,
    stop,
  }
}

/** Paths of the servers; made at the first call, found at the next ones. */
export async function install(): Promise<Record<string, string>> {
  const script = path.join(import.meta.dirname, 'install.sh')
  const { stdout } = await promisify(execFile)(script, { timeout: 900_000 }).catch((error) => {
    throw new Error(`the Google Cloud emulators are not installed:\n${error.stderr}`)
  })
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  )
}

/** All held at once, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
