import type { FileFormat } from '../tables/index.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { Lake } from './lake.ts'
import type { Live } from './live.ts'
import type { TargetTraits, WarehouseTraits } from './target.ts'
import type { Upkeep } from './upkeep.ts'
import type { Warehouse } from './warehouse.ts'
import type { Workspace } from './workspace.ts'

export type {
  Appender,
  AppendRow,
  AppendTable,
  Broker,
  Checkpoint,
  Delivery,
  EventMessage,
  Origin,
  Position,
  Subscription,
} from './broker.ts'
export { type Cover, coverOf, isOvertaken } from './cover.ts'
export {
  type DeadLetter,
  type DeadLetters,
  LETTER_STATES,
  type LetterCount,
  type LetterFilter,
  type LetterState,
  latestLetters,
} from './dead-letters.ts'
export type { Delivered } from './delivered.ts'
export type {
  Destination,
  EventBatch,
  EventSource,
  OpenDestination,
  Progress,
  Repeat,
} from './destination.ts'
export type { Dialect, Layer } from './dialect.ts'
export type { Feed, News, SaleLine } from './feed.ts'
export type {
  DaySpan,
  HistoryTables,
  LoadedPart,
  OpenHistoryTables,
  RowChunk,
  TablePart,
} from './history-tables.ts'
export { holding } from './holding.ts'
export type { BuiltImage, ImageBuilder, ImagePlace } from './image-builder.ts'
export type { Inventory, TakeInventory } from './inventory.ts'
export type { ByteSink, Draft, Lake, LakeBatch, LakeIdentity, LakeLayout, LakeTraits, Part } from './lake.ts'
export { batchContent, batchKey, parsePartKey, partKey } from './layout.ts'
export type { Arrival, Live, LiveByBroker, LiveByLake } from './live.ts'
export type { Answer, Marts, Statement } from './marts.ts'
export { OWN_PANEL_FORMATS, OWN_PANEL_TYPES, type OwnPanel } from './own-panel.ts'
export type { FindLacking, IsBilled } from './permissions.ts'
export type { Cut, Published, Row, ShardAt } from './published.ts'
export type { QueryAnswer, QueryCell, QueryColumn } from './query.ts'
export type { Letter, Relation, RelationColumn, RelationDialect, ValueFamily } from './relation.ts'
export type { Execution, JobDescription, RemoteJob } from './remote-job.ts'
export { SavedPosition, type SentRecord } from './saved-position.ts'
export type { MakeAgents } from './service-agents.ts'
export { bound, compileStatement, joined, mart, type Sql, sql } from './sql.ts'
export { isOf, publishedTo, readStreamed, type Streamed } from './streamed.ts'
export type { TargetTraits, Unable, WarehouseTraits } from './target.ts'
export type { Upkeep } from './upkeep.ts'
export type {
  BatchLoading,
  Build,
  Building,
  BuildScope,
  BuiltModel,
  FileBatch,
  OwnMade,
  OwnRelation,
  Packed,
  Reader,
  RunInBuild,
  Warehouse,
} from './warehouse.ts'
export {
  type LockName,
  type Owner,
  type RunRecord,
  type Shard,
  shardInFile,
  shardName,
  type Workspace,
} from './workspace.ts'

/** All external resources that the verbs need. */
export interface Ports extends AsyncDisposable {
  /** The target that these ports belong to. */
  target: TargetTraits
  lake: Lake
  warehouse: Warehouse
  workspace: Workspace
  /** How live events reach the warehouse. */
  live: Live
  /** Messages that are not in their table. */
  deadLetters: DeadLetters
  /** Who checks and repairs the files. */
  upkeep: Upkeep
}

/** A destination for exported history. */
export interface ExportPlace {
  folder: string
  format: FileFormat
  /** Its first day, YYYY-MM-DD: every export into a folder starts with the same one. */
  from: string
  /** Every table has a folder, and those of its months are named `month=2024-01`. */
  hive: boolean
  /** The digest of the profile that says what happens to events on their way to the files. */
  faults?: string | undefined
}

/** Everything that writing history needs: it notifies the database, if there is one. */
export interface ExportPorts extends Pick<Ports, 'lake' | 'workspace'> {
  warehouse: Pick<Warehouse, 'location' | 'published'> & {
    traits: Pick<WarehouseTraits, 'raw'>
    publish(): Promise<unknown>
  }
}
