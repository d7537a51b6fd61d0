/** Results are plain values: `--json` prints them unchanged. Days are YYYY-MM-DD, instants YYYY-MM-DDTHH:MM:SSZ. */

export type {
  FaultLine,
  GradeDifference,
  GradedTable,
  GradeFaults,
  GradeResult,
  GradeVerdict,
} from '../grade/result.ts'
export type { RealismItem } from '../realism/score.ts'
export type { RemoteBackfillResult, RemoteProgress } from './backfill-remote.ts'
export type { ExportLettersResult } from './dead-letters/export-letters.ts'
export type {
  DropLettersResult,
  ListLettersResult,
  ReplayLettersResult,
  ShowLettersResult,
} from './dead-letters.ts'
export type { DeliveryNote } from './delivery/ledger.ts'
export type { DemoResult } from './demo.ts'
export type { ExplainedFault, FaultListResult, FaultsExplained } from './faults.ts'
export type { BackfillProgress, BackfillResult } from './history/result.ts'
export type {
  DestroyPlan,
  InfraApplyResult,
  InfraDestroyResult,
  InfraImageResult,
  InfraOutputResult,
  InfraPlanResult,
} from './infra/result.ts'
export type { Waiting } from './live/destination-sink.ts'
export type { StreamResult, StreamStart, StreamTick, StreamToResult } from './live/result.ts'
export type { LoadPause, LoadResult, LoadTick } from './load.ts'
export type { LoadBatchesResult } from './load-batches.ts'
export type { Moved } from './moved.ts'
export type { PackResult } from './pack.ts'
export type { Machine, PlanCheck, PlanResult } from './plan/result.ts'
export type { PrintResult } from './print-table.ts'
export type { RealismResult } from './realism.ts'
export type { RepairAction, RepairResult } from './repair.ts'
export type { SeedDimsResult } from './seed-dims.ts'
export type { SqlResult } from './sql.ts'
export type { StatusResult, StatusStep } from './status/result.ts'
export type { RunStep, RunStepResult } from './transform/run-step.ts'
export type { TransformResult } from './transform.ts'
export type { VerifyCheck, VerifyDifference, VerifyResult, VerifyShardResult } from './verify/result.ts'
