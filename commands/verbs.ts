import type { Config } from '../src/config/schema.ts'
import type { PlanOptions } from '../src/pipeline/plan.ts'
import type { PlanResult } from '../src/pipeline/results.ts'
import type {
  ExportPlace,
  ExportPorts,
  FindLacking,
  Ports,
  RemoteJob,
  TakeInventory,
  Workspace,
} from '../src/ports/index.ts'

/** The works, each loaded when it is first called: nothing heavy is imported for `--help`. Tests hand in their own. */
export const verbs = {
  openPorts: async (config: Config): Promise<Ports> => (await import('../src/adapters/open.ts')).openPorts(config),
  openExport: async (out: ExportPlace): Promise<ExportPorts> =>
    (await import('../src/adapters/open.ts')).openExport(out),
  openWorkspace: async (config: Config): Promise<Workspace> =>
    (await import('../src/adapters/open.ts')).openWorkspace(config),
  openInventory: async (config: Config): Promise<TakeInventory> =>
    (await import('../src/adapters/open.ts')).openInventory(config),
  openPermissions: async (config: Config): Promise<FindLacking> =>
    (await import('../src/adapters/open.ts')).openPermissions(config),
  openRemoteJob: async (config: Config): Promise<RemoteJob> =>
    (await import('../src/adapters/open.ts')).openRemoteJob(config),
  infraPlan: lazy(async () => (await import('../src/pipeline/infra.ts')).infraPlan),
  infraApply: lazy(async () => (await import('../src/pipeline/infra.ts')).infraApply),
  infraDestroy: lazy(async () => (await import('../src/pipeline/infra.ts')).infraDestroy),
  infraOutput: lazy(async () => (await import('../src/pipeline/infra.ts')).infraOutput),
  plan: async (config: Config, options: PlanOptions): Promise<PlanResult> =>
    (await import('../src/pipeline/plan.ts')).plan(config, options),
  seedDims: lazy(async () => (await import('../src/pipeline/seed-dims.ts')).seedDims),
  backfill: lazy(async () => (await import('../src/pipeline/backfill.ts')).backfill),
  backfillRemote: lazy(async () => (await import('../src/pipeline/backfill-remote.ts')).backfillRemote),
  printTable: lazy(async () => (await import('../src/pipeline/print-table.ts')).printTable),
  stream: lazy(async () => (await import('../src/pipeline/stream.ts')).stream),
  load: lazy(async () => (await import('../src/pipeline/load.ts')).load),
  transform: lazy(async () => (await import('../src/pipeline/transform.ts')).transform),
  verify: lazy(async () => (await import('../src/pipeline/verify.ts')).verify),
  realism: lazy(async () => (await import('../src/pipeline/realism.ts')).realism),
  status: lazy(async () => (await import('../src/pipeline/status.ts')).status),
  dashboard: lazy(async () => (await import('../src/dashboard/dashboard.ts')).dashboard),
  panelsData: lazy(async () => (await import('../src/dashboard/dashboard.ts')).panelsData),
  exportDashboard: lazy(async () => (await import('../src/dashboard/dashboard.ts')).exportDashboard),
  demo: lazy(async () => (await import('../src/pipeline/demo.ts')).demo),
}

export type Verbs = typeof verbs

function lazy<A extends unknown[], R>(load: () => Promise<(...args: A) => Promise<R>>): (...args: A) => Promise<R> {
  return async (...args) => (await load())(...args)
}
