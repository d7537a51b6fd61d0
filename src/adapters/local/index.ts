import path from 'node:path'
import { advise, retail } from '../../advice.ts'
import type { Config } from '../../config/schema.ts'
import type { Ports } from '../../ports/index.ts'
import { duckdbWarehouse } from './duckdb-warehouse.ts'
import { folderLake } from './folder-lake.ts'
import { folderWorkspace } from './folder-workspace.ts'
import { localTarget } from './target.ts'

export function openLocal(config: Config): Ports {
  const lake = folderLake(path.resolve(config.workspace, config.local.lake))
  const workspace = folderWorkspace(path.join(config.workspace, '.retail'))
  const warehouse = duckdbWarehouse(config, lake, workspace)
  const { roll, damage, changed, drop, setAside } = warehouse
  return {
    target: localTarget,
    lake,
    workspace,
    warehouse,
    live: { by: 'lake', roll },
    deadLetters: {
      can: false,
      why: 'the stream writes its events into the lake itself, so no message can be rejected on the way',
      hint: advise`check every row: ${retail('verify')}`,
    },
    upkeep: { can: true, damage, changed, drop, setAside },
    async [Symbol.asyncDispose]() {
      await warehouse[Symbol.asyncDispose]()
      await lake[Symbol.asyncDispose]()
    },
  }
}
