import type { OpeningDestination, Target } from '../src/adapters/open.ts'
import type { CommandName } from '../src/advice.ts'
import type { FaultProfile } from '../src/config/fault-kinds.ts'
import type { Config } from '../src/config/schema.ts'
import type { ExportFolder, PostgresPlace, Where } from '../src/config/where.ts'
import type { Facts } from '../src/pipeline/facts.ts'
import type { Delivered } from '../src/pipeline/grade/delivered.ts'
import type { GradeOptions } from '../src/pipeline/grade.ts'
import type { PlanOptions } from '../src/pipeline/plan.ts'
import type { GradeResult, PlanResult } from '../src/pipeline/results.ts'
import type {
  Destination,
  EventSource,
  ExportPlace,
  ExportPorts,
  HistoryTables,
  Letter,
  Ports,
  Relation,
  Workspace,
} from '../src/ports/index.ts'
import type { Second } from '../src/time.ts'

/** The core's verbs. Each is loaded on its first call, so `--help` imports nothing heavy. Tests pass their own. */
export const verbs = {
  openPorts: async (config: Config): Promise<Ports> => (await import('../src/adapters/open.ts')).openPorts(config),
  targetOf: async (config: Pick<Config, 'target'>): Promise<Target> =>
    (await import('../src/adapters/open.ts')).targetOf(config),
  openExport: async (config: Config, out: ExportPlace): Promise<ExportPorts> =>
    (await import('../src/adapters/open.ts')).openExport(config, out),
  openWorkspace: async (config: Config): Promise<Workspace> =>
    (await import('../src/adapters/open.ts')).openWorkspace(config),
  openDestination: async (where: Where, about: OpeningDestination): Promise<Destination> =>
    (await import('../src/adapters/open.ts')).openDestination(where, about),
  openHistoryTables: async (
    place: PostgresPlace,
    source: EventSource,
    signal: AbortSignal | undefined,
  ): Promise<HistoryTables> => (await import('../src/adapters/open.ts')).openHistoryTables(place, source, signal),
  infraPlan: lazy(async () => (await import('../src/pipeline/infra.ts')).infraPlan),
  infraApply: lazy(async () => (await import('../src/pipeline/infra.ts')).infraApply),
  infraDestroy: lazy(async () => (await import('../src/pipeline/infra.ts')).infraDestroy),
  infraImage: lazy(async () => (await import('../src/pipeline/infra/image.ts')).infraImage),
  infraOutput: lazy(async () => (await import('../src/pipeline/infra.ts')).infraOutput),
  plan: async (config: Config, options: PlanOptions): Promise<PlanResult> =>
    (await import('../src/pipeline/plan.ts')).plan(config, options),
  enter: async (command: CommandName, ports: Ports, config: Config): Promise<void> =>
    (await import('../src/pipeline/enter.ts')).enter(command, ports, config),
  facts: async (ports: Ports, config: Config): Promise<Facts> =>
    (await import('../src/pipeline/facts.ts')).readFacts(ports, config),
  seedDims: lazy(async () => (await import('../src/pipeline/seed-dims.ts')).seedDims),
  backfill: lazy(async () => (await import('../src/pipeline/backfill.ts')).backfill),
  backfillRemote: lazy(async () => (await import('../src/pipeline/backfill-remote.ts')).backfillRemote),
  backfillTables: lazy(async () => (await import('../src/pipeline/backfill-tables.ts')).backfillTables),
  printTable: lazy(async () => (await import('../src/pipeline/print-table.ts')).printTable),
  stream: lazy(async () => (await import('../src/pipeline/stream.ts')).stream),
  streamTo: lazy(async () => (await import('../src/pipeline/stream-to.ts')).streamTo),
  streamFaults: lazy(async () => (await import('../src/pipeline/stream-faults.ts')).streamFaults),
  listFaults: lazy(async () => (await import('../src/pipeline/faults.ts')).listFaults),
  explainFaults: lazy(async () => (await import('../src/pipeline/faults.ts')).explainFaults),
  load: lazy(async () => (await import('../src/pipeline/load.ts')).load),
  loadBatches: lazy(async () => (await import('../src/pipeline/load-batches.ts')).loadBatches),
  listLetters: lazy(async () => (await import('../src/pipeline/dead-letters.ts')).listLetters),
  showLetters: lazy(async () => (await import('../src/pipeline/dead-letters.ts')).showLetters),
  replayLetters: lazy(async () => (await import('../src/pipeline/dead-letters.ts')).replayLetters),
  dropLetters: lazy(async () => (await import('../src/pipeline/dead-letters.ts')).dropLetters),
  exportLetters: lazy(async () => (await import('../src/pipeline/dead-letters/export-letters.ts')).exportLetters),
  transform: lazy(async () => (await import('../src/pipeline/transform.ts')).transform),
  transformStep: lazy(async () => (await import('../src/pipeline/transform/run-step.ts')).transformStep),
  dbt: lazy(async () => (await import('../src/pipeline/dbt.ts')).dbt),
  sql: lazy(async () => (await import('../src/pipeline/sql.ts')).sql),
  verify: lazy(async () => (await import('../src/pipeline/verify.ts')).verify),
  verifyShard: lazy(async () => (await import('../src/pipeline/verify-shard.ts')).verifyShard),
  answerTable: lazy(async () => (await import('../src/adapters/open.ts')).answerTable),
  openLetters: async (given: string, cwd: string, config: Config): Promise<AsyncIterable<Letter>> =>
    (await import('../src/adapters/open.ts')).openLetters(given, cwd, config),
  openRelation: async (given: string | { query: string }, cwd: string, config: Config): Promise<Relation> =>
    (await import('../src/adapters/open.ts')).openRelation(given, cwd, config),
  grade: async (config: Config, options: GradeOptions): Promise<GradeResult> =>
    (await import('../src/pipeline/grade.ts')).grade(config, options),
  gradeAggregate: lazy(async () => (await import('../src/pipeline/grade-aggregate.ts')).gradeAggregate),
  deliveredTo: async (
    config: Config,
    where: Where | ExportFolder,
    about: { profile: FaultProfile; until: Second; name: string },
  ): Promise<Delivered | undefined> => {
    const [{ deliveredTo }, { openWorkspace, readExport, readProgress }] = await Promise.all([
      import('../src/pipeline/grade/delivered.ts'),
      import('../src/adapters/open.ts'),
    ])
    const workspace = where.kind === 'http' || where.kind === 'kafka' ? await openWorkspace(config) : undefined
    return await deliveredTo(config, {
      ...about,
      read: (source) =>
        where.kind === 'export'
          ? readExport(where.folder, source)
          : readProgress(where, source, { workspace, settings: config }),
    })
  },
  deliveredByBroker: lazy(async () => (await import('../src/pipeline/grade/delivered.ts')).deliveredByBroker),
  repair: lazy(async () => (await import('../src/pipeline/repair.ts')).repair),
  realism: lazy(async () => (await import('../src/pipeline/realism.ts')).realism),
  status: lazy(async () => (await import('../src/pipeline/status.ts')).status),
  pack: lazy(async () => (await import('../src/pipeline/pack.ts')).pack),
  dashboard: lazy(async () => (await import('../src/dashboard/dashboard.ts')).dashboard),
  panelsData: lazy(async () => (await import('../src/dashboard/dashboard.ts')).panelsData),
  exportDashboard: lazy(async () => (await import('../src/dashboard/dashboard.ts')).exportDashboard),
  demo: lazy(async () => (await import('../src/pipeline/demo.ts')).demo),
}

export type Verbs = typeof verbs

function lazy<A extends unknown[], R>(load: () => Promise<(...args: A) => Promise<R>>): (...args: A) => Promise<R> {
  return async (...args) => (await load())(...args)
}
