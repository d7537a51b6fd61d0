import type { FileFormat } from '../tables/index.ts'
import type { Appender, Broker } from './broker.ts'
import type { Lake } from './lake.ts'
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
  Position,
  Subscription,
} from './broker.ts'
export type { Feed, News, SaleLine } from './feed.ts'
export type { Inventory, TakeInventory } from './inventory.ts'
export type { Batch, ByteSink, Lake, LakeIdentity, LakeLayout, Part } from './lake.ts'
export { batchKey, type Cover, coverOf, parsePartKey, partKey } from './layout.ts'
export type { Answer, Marts, Statement } from './marts.ts'
export type { FindLacking } from './permissions.ts'
export type { Cut, Published, Row } from './published.ts'
export type { Execution, JobDescription, RemoteJob } from './remote-job.ts'
export type { Build, Reader, Warehouse } from './warehouse.ts'
export type { LockName, Owner, RunRecord, Shard, Workspace } from './workspace.ts'

/** Everything the verbs need of the outside. */
export interface Ports extends AsyncDisposable {
  lake: Lake
  warehouse: Warehouse
  workspace: Workspace
  /** where live events go through a broker; locally the lake shows them by itself */
  live?: { broker: Broker; openAppender(): Promise<Appender> }
}

/** Where history is written for others to read. */
export interface ExportPlace {
  folder: string
  format: FileFormat
}

/** All that writing history needs: the database, if there is one, is told. */
export interface ExportPorts extends Pick<Ports, 'lake' | 'workspace'> {
  warehouse: Pick<Warehouse, 'location' | 'published'> & { publish(): Promise<unknown> }
}
