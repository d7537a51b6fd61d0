import { rmSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect } from 'vitest'
import { retail, type SmallWorld, start, workspace } from './tool.ts'

/** A shop over a New Year, with a month that is not over. */
export const SHOP: SmallWorld = { stores: 60, products: 120, lines: 15, from: '2023-11-01', to: '2024-03-20' }

export async function openShop(world: SmallWorld = SHOP): Promise<string> {
  const folder = workspace(world, true)
  for (const line of ['seed-dims', 'backfill', 'transform']) {
    const { code, stderr } = await retail(folder, line)
    expect(code, stderr).toBe(0)
  }
  return folder
}

export const closeShop = (folder: string) => rmSync(folder, { recursive: true, force: true })

export type Dashboard = ReturnType<typeof start> & { url: string }

/** A dashboard that listens. */
export async function serve(
  folder: string,
  line = 'dashboard --port 0',
  env: Record<string, string> = {},
): Promise<Dashboard> {
  const child = start(folder, line, env)
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', (chunk) => {
      said += chunk
      const found = /Dashboard at (\S+)/.exec(said)
      if (found) resolve(found[1])
    })
    child.on('exit', (code) => reject(new Error(`exit ${code}: ${said}`)))
  })
  return Object.assign(child, { url })
}

/** Asks raw, not the marts: what the page says has come through dbt, this has not. */
export async function askRaw<R = Record<string, string>>(folder: string, sql: string): Promise<R[]> {
  const instance = await DuckDBInstance.create(path.join(folder, 'retail.duckdb'), { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson()
  connection.closeSync()
  instance.closeSync()
  return rows as R[]
}
