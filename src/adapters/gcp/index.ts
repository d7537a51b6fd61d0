import path from 'node:path'
import { advise, retail } from '../../advice.ts'
import type { Config } from '../../config/schema.ts'
import { documentPath } from '../../documents.ts'
import type { LiveByBroker, Ports } from '../../ports/index.ts'
import { parseDuration } from '../../time.ts'
import { folderWorkspace } from '../local/folder-workspace.ts'
import { arrivalOf } from './arrival.ts'
import { bigqueryWarehouse } from './bigquery-warehouse.ts'
import { bucketLake } from './bucket-lake.ts'
import { cloudOf, openBigQuery, openStorage } from './clients.ts'
import { deadLetterTable } from './dead-letter-table.ts'
import { pubsubBroker } from './pubsub-broker.ts'
import { gcpTarget } from './target.ts'
import { writeAppender } from './write-appender.ts'

export async function openGcp(config: Config): Promise<Ports> {
  const cloud = cloudOf(config)
  const [storage, bigquery] = await Promise.all([openStorage(cloud), openBigQuery(cloud)])
  const lake = bucketLake(storage, cloud.gcp.bucket)
  const workspace = folderWorkspace(path.join(config.workspace, '.retail'))
  const warehouse = bigqueryWarehouse(config, cloud, { lake, workspace, storage, bigquery })
  const broker = pubsubBroker(cloud, storage)
  const arrival = arrivalOf(cloud.gcp)
  const openAppender = () => writeAppender(cloud, config.world.schema)
  const live: LiveByBroker = {
    by: 'broker',
    broker,
    arrival: arrival.by === 'load' ? { ...arrival, openAppender } : arrival,
    stopAfterMs: parseDuration(cloud.gcp.stream_stop_after)!,
  }
  return {
    target: gcpTarget,
    lake,
    workspace,
    warehouse,
    live,
    deadLetters: deadLetterTable(bigquery, cloud, openAppender),
    upkeep: {
      can: false,
      damage: () => warehouse.damage(),
      why: 'the cloud stores its own data',
      hint: advise`${retail('verify')} reports what differs; see "Wrong rows" in ${documentPath('docs/gcp.md')}`,
    },
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  }
}

/** Everything that a worker thread needs. */
export async function openGcpLake(config: Config): Promise<Pick<Ports, 'lake' | 'workspace'>> {
  const cloud = cloudOf(config)
  return {
    lake: bucketLake(await openStorage(cloud), cloud.gcp.bucket),
    workspace: folderWorkspace(path.join(config.workspace, '.retail')),
  }
}
