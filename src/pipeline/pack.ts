import path from 'node:path'
import { advise, retail } from '../advice.ts'
import { clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import { fs } from '../disk.ts'
import { RetailError } from '../errors.ts'
import type { Packed, Ports } from '../ports/index.ts'
import { explainSystemError } from '../system-errors.ts'
import { formatSecond } from '../time.ts'
import { VERSION } from '../version.ts'
import { buildWorld } from '../world/world.ts'
import { enter } from './enter.ts'
import { coverWorld } from './live/layout.ts'
import { refuseMisplaced } from './misplaced.ts'
import { shortfall } from './moved.ts'
import { noDatabase, unable } from './preconditions.ts'
import { recorded } from './record.ts'
import { refuseDamage } from './verify/refuse.ts'

export interface PackResult {
  world: string
  file: string
  tables: Packed[]
  /** Rows of all tables. */
  rows: number
  sizeBytes: number
  raw: { history: string; live: string }
  /** Undefined: no transform yet, so the file has no marts. */
  marts: { history: string; live: string } | undefined
  seconds: number
}

export interface PackOptions {
  /** An absolute path. */
  out: string
  /** Replace an existing file. */
  force?: boolean
  signal?: AbortSignal
  onTable?: (table: Packed) => void
}

/** Writes raw, staging, and marts as tables of one DuckDB file, which needs neither the lake nor this workspace. */
export async function pack(
  ports: Ports,
  config: Config,
  { out, force, signal, onTable }: PackOptions,
): Promise<PackResult> {
  const { lake, warehouse, workspace } = ports
  const { packing } = warehouse
  if (!packing.can) throw unable(`target ${ports.target.name} has nothing to pack`, packing)
  const world = buildWorld(config)
  await enter('pack', ports, config, world)
  refuse(out, force, { database: warehouse.location, lake: lake.location, private: workspace.folder })
  const published = await warehouse.published()
  const cover = coverWorld(await lake.layout(), world)
  if (!published) throw noDatabase('pack', ports)
  await refuseMisplaced(ports, world, published.raw)
  const less = shortfall(ports.warehouse, published, cover)
  if (less) throw less
  await using _reading = await workspace.reading()
  await refuseDamage(ports, world, cover)
  return await recorded(workspace, 'pack', async () => {
    const start = clock.elapsed()
    const { tables, cut, sizeBytes } = await packing
      .write(out, {
        signal,
        onTable,
        about: { world: world.id, version: VERSION },
      })
      .catch((error: unknown) => {
        if (!signal?.aborted) throw error
        throw new RetailError('stopped', 'stopped before the file was complete', {
          why: 'nothing was written or replaced',
          hint: advise`${retail('pack', '--out', out)}`,
        })
      })
    return {
      world: world.id,
      file: out,
      tables,
      rows: tables.reduce((sum, { rows }) => sum + rows, 0),
      sizeBytes,
      raw: { history: formatSecond(cut.history), live: formatSecond(cut.live) },
      marts: published.marts && {
        history: formatSecond(published.marts.history),
        live: formatSecond(published.marts.live),
      },
      seconds: (clock.elapsed() - start) / 1000,
    }
  })
}

function statOf(out: string) {
  try {
    return fs.statSync(out, { throwIfNoEntry: false })
  } catch (error) {
    throw explainSystemError(error, `checking ${out}`, '--out')
  }
}

function refuse(
  out: string,
  force: boolean | undefined,
  ours: { database: string; lake: string; private: string },
): void {
  const inside = (folder: string) => out === folder || out.startsWith(`${folder}${path.sep}`)
  if (out === ours.database || inside(ours.lake) || inside(ours.private))
    throw new RetailError('bad_flag', `${out} is part of the workspace`, {
      why: 'the command would overwrite the data that it reads',
      hint: advise`choose another file: ${retail('pack', '--out', 'shop.duckdb')}`,
    })
  const there = statOf(out)
  if (there?.isDirectory())
    throw new RetailError('bad_flag', `${out} is a folder`, {
      hint: advise`give a file in it: ${retail('pack', '--out', path.join(out, 'shop.duckdb'))}`,
    })
  if (there && !(force && there.isFile()))
    throw new RetailError('bad_flag', `${out} already exists`, {
      why: there.isFile() ? 'an existing file is replaced only with --force' : 'it is not a regular file',
      hint: there.isFile() ? advise`${retail('pack', '--out', out, '--force')}` : 'choose another file with --out',
    })
}
