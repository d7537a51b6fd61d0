import path from 'node:path'
import type { Config } from '../../config/schema.ts'
import type { Ports } from '../../ports/index.ts'
import { duckdbWarehouse } from './duckdb-warehouse.ts'
import { folderLake } from './folder-lake.ts'
import { folderWorkspace } from './folder-workspace.ts'

export function openLocal(config: Config): Ports {
  const lake = folderLake(path.resolve(config.workspace, config.local.lake))
  const workspace = folderWorkspace(path.join(config.workspace, '.retail'))
  const warehouse = duckdbWarehouse(config, lake, workspace)
  return {
    lake,
    workspace,
    warehouse,
    async [Symbol.asyncDispose]() {
      await warehouse[Symbol.asyncDispose]()
      await lake[Symbol.asyncDispose]()
    },
  }
}
