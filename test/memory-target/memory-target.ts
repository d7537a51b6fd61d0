import path from 'node:path'
import { folderWorkspace } from '../../src/adapters/local/folder-workspace.ts'
import type { Target } from '../../src/adapters/target.ts'
import { advise, retail } from '../../src/advice.ts'
import type { Config } from '../../src/config/schema.ts'
import type { LakeTraits, Ports, WarehouseTraits } from '../../src/ports/index.ts'
import type { Loading } from '../../src/ports/live.ts'
import { memoryBroker } from '../memory-broker.ts'
import { memoryLake } from './memory-lake.ts'
import { memoryWarehouse } from './memory-warehouse.ts'

const lakeTraits: LakeTraits = { timestamps: 'plain', threads: false, repairs: false }
const warehouseTraits: WarehouseTraits = {
  product: 'a database in memory',
  raw: { of: 'rows', removal: (location, table) => ['forget', location, table] },
  billed: false,
  statistics: { can: false, why: 'it is too small for them', hint: advise`${retail('init', '--target', 'local')}` },
}
const arrival: Loading = { by: 'load', from: ['transactions', 'inventories'], into: 'raw' }

/**
 * The smallest target that a whole pipeline runs on, in one process. It is neither of the others: its events travel as those of a
 * cloud do, its lake is one thread's, its names are its own, and it can neither transform, pack nor be repaired.
 */
export const memoryTarget: Target = {
  name: 'memory',
  lake: lakeTraits,
  warehouse: warehouseTraits,
  events: { by: 'broker', arrival: () => arrival },
  infra: { needed: false, why: 'everything is in the memory of this process' },
  job: { can: false, why: 'no other machine can see this memory', hint: advise`${retail('backfill')}` },
  preflight: { checks: false },
  whomItCalls: () => undefined,
  open: async (config) => openMemory(config),
  openLake: async (config) => openMemory(config),
}

/** One memory for each workspace, for as long as the process lives: as a disk is, to commands that come one after another. */
const opened = new Map<string, Ports>()

function openMemory(config: Config): Ports {
  const known = opened.get(config.workspace)
  if (known) return known
  const lake = memoryLake(`memory:${config.workspace}/lake`, lakeTraits)
  const broker = memoryBroker()
  const warehouse = memoryWarehouse(config, warehouseTraits, lake, broker)
  const { openAppender } = warehouse
  const ports: Ports = {
    target: memoryTarget,
    lake,
    warehouse,
    workspace: folderWorkspace(path.join(config.workspace, '.retail')),
    live: {
      by: 'broker',
      broker,
      arrival: { ...arrival, openAppender },
      stopAfterMs: Number.POSITIVE_INFINITY,
    },
    deadLetters: { can: false, why: 'a bad message ends this process', hint: advise`${retail('verify')}` },
    upkeep: {
      can: false,
      damage: async () => [],
      why: 'what is in memory is whole or gone',
      hint: advise`${retail('backfill')}`,
    },
    // Closed with the process: the next command of this workspace uses it again.
    async [Symbol.asyncDispose]() {},
  }
  opened.set(config.workspace, ports)
  return ports
}
