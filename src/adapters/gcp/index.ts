import path from 'node:path'
import type { Config } from '../../config/schema.ts'
import type { Ports } from '../../ports/index.ts'
import { folderWorkspace } from '../local/folder-workspace.ts'
import { bigqueryWarehouse } from './bigquery-warehouse.ts'
import { bucketLake } from './bucket-lake.ts'
import { cloudOf, openBigQuery, openStorage } from './clients.ts'
import { pubsubBroker } from './pubsub-broker.ts'
import { writeAppender } from './write-appender.ts'

export async function openGcp(config: Config): Promise<Ports> {
  const cloud = cloudOf(config)
  const [storage, bigquery] = await Promise.all([openStorage(cloud), openBigQuery(cloud)])
  const lake = bucketLake(storage, cloud.gcp.bucket)
  const workspace = folderWorkspace(path.join(config.workspace, '.retail'))
  const warehouse = bigqueryWarehouse(config, cloud, { lake, workspace, storage, bigquery })
  const broker = pubsubBroker(cloud, storage)
  return {
    lake,
    workspace,
    warehouse,
    live: { broker, openAppender: () => writeAppender(cloud, config.world.schema) },
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  }
}

/** All that a worker thread needs. */
export async function openGcpLake(config: Config): Promise<Pick<Ports, 'lake' | 'workspace'>> {
  const cloud = cloudOf(config)
  return {
    lake: bucketLake(await openStorage(cloud), cloud.gcp.bucket),
    workspace: folderWorkspace(path.join(config.workspace, '.retail')),
  }
}
