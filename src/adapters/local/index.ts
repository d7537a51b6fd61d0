import path from 'node:path'
import type { Config } from '../../config/schema.ts'
import type { ExportPlace, ExportPorts, Ports } from '../../ports/index.ts'
import { duckdbWarehouse } from './duckdb-warehouse.ts'
import { exportLake } from './export-lake.ts'
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

/** A folder of files for others: its own locks and caches are in it, and no database is made from it. */
export function openExport({ folder, format }: ExportPlace): ExportPorts {
  return {
    lake: exportLake(folder, format),
    workspace: folderWorkspace(path.join(folder, '.retail')),
    warehouse: { location: 'none', published: async () => undefined, publish: async () => {} },
  }
}
