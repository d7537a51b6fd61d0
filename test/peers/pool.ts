import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** What an emulator answers when it is ready. */
export interface Health {
  url: string
  /** a regular expression */
  healthy: string
}

/** Emulators that outlive the process that started them. */
export interface RunningPeers {
  project: string
  /** what the tool reads, to be handed to its processes */
  env: Record<string, string>
  pids: number[]
  /** their files */
  folder: string
  health: Health[]
}

const STATES = ['free', 'taken'] as const

/**
 * Vitest's global setup: a folder in which a test file leaves its emulators to the next one, because starting them takes ten seconds
 * of processor time. A file in it stands for one set of emulators; whoever moves it from `free` to `taken` has them.
 */
export default function openPool(): () => void {
  const pool = mkdtempSync(path.join(tmpdir(), 'retail-pool-'))
  for (const state of STATES) mkdirSync(path.join(pool, state))
  process.env.RETAIL_PEERS_POOL = pool
  return () => {
    for (const file of STATES.flatMap((state) => filesIn(pool, state))) endPeers(read(file))
    rmSync(pool, { recursive: true, force: true })
  }
}

const filesIn = (pool: string, state: (typeof STATES)[number]): string[] =>
  readdirSync(path.join(pool, state)).map((name) => path.join(pool, state, name))
const fileOf = (pool: string, state: (typeof STATES)[number], { pids }: RunningPeers): string =>
  path.join(pool, state, `${pids.join('-')}.json`)
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as RunningPeers

/** Emulators that nobody uses and that answer; undefined when there are none. */
export async function takePeers(pool: string): Promise<RunningPeers | undefined> {
  for (const free of filesIn(pool, 'free')) {
    const taken = path.join(pool, 'taken', path.basename(free))
    try {
      renameSync(free, taken)
    } catch {
      // Another test file was faster.
      continue
    }
    const peers = read(taken)
    if ((await Promise.all(peers.health.map(isHealthy))).every(Boolean)) return peers
    endPeers(peers)
    rmSync(taken)
  }
  return undefined
}

/** Emulators that are in use by the test file that started them. */
export function addPeers(pool: string, peers: RunningPeers): RunningPeers {
  writeFileSync(fileOf(pool, 'taken', peers), JSON.stringify(peers))
  return peers
}

export function givePeers(pool: string, peers: RunningPeers): void {
  renameSync(fileOf(pool, 'taken', peers), fileOf(pool, 'free', peers))
}

export async function isHealthy({ url, healthy }: Health): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(1000) })
    .then((response) => response.text())
    .catch(() => '')
  return new RegExp(healthy).test(answer)
}

function endPeers({ pids, folder }: RunningPeers): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  rmSync(folder, { recursive: true, force: true })
}
