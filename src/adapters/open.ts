import path from 'node:path'
import type { Config } from '../config/schema.ts'
import type {
  ExportPlace,
  ExportPorts,
  FindLacking,
  Ports,
  RemoteJob,
  TakeInventory,
  Workspace,
} from '../ports/index.ts'

/** The one place where plug meets socket. */
export async function openPorts(config: Config): Promise<Ports> {
  switch (config.target) {
    case 'local':
      return (await import('./local/index.ts')).openLocal(config)
    case 'gcp':
      return (await import('./gcp/index.ts')).openGcp(config)
  }
}

/** All that a worker thread needs: it writes parts and caches snapshots, and knows no warehouse. */
export async function openWorkerPorts(config: Config, out?: ExportPlace): Promise<Pick<Ports, 'lake' | 'workspace'>> {
  if (out) return openExport(out)
  switch (config.target) {
    case 'local':
      return (await import('./local/index.ts')).openLocal(config)
    case 'gcp':
      return (await import('./gcp/index.ts')).openGcpLake(config)
  }
}

/** A folder on this machine, whatever the target. */
export async function openExport(out: ExportPlace): Promise<ExportPorts> {
  return (await import('./local/export.ts')).openExport(out)
}

/** The private folder beside retail.yaml, which is on this machine whatever the target. */
export async function openWorkspace(config: Config): Promise<Workspace> {
  const { folderWorkspace } = await import('./local/folder-workspace.ts')
  return folderWorkspace(path.join(config.workspace, '.retail'))
}

/** Counts what is in the cloud, for target gcp. */
export async function openInventory(config: Config): Promise<TakeInventory> {
  return (await import('./gcp/inventory.ts')).openGcpInventory(config)
}

/** Asks Google what we may do, for target gcp. */
export async function openPermissions(config: Config): Promise<FindLacking> {
  return (await import('./gcp/permissions.ts')).openPermissions(config)
}

/** The job that backfills in the cloud, for target gcp. */
export async function openRemoteJob(config: Config): Promise<RemoteJob> {
  return (await import('./gcp/run-job.ts')).openRunJob(config)
}
