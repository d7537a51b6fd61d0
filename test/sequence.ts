import { statSync } from 'node:fs'
import path from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Test files that take long, the longest first. All others follow, the largest first. */
const LONGEST = [
  'test/mutations.test.ts',
  'test/engines/airflow.test.ts',
  'test/gcp/chaos.test.ts',
  'test/engines/pipelines.test.ts',
  'test/gcp/infra.test.ts',
  'test/engines/locks.test.ts',
  'test/gcp/foreign.test.ts',
  'test/engines/docker.test.ts',
  'test/engines/spark.test.ts',
  'test/engines/airflow-gcp.test.ts',
  'test/engines/make.test.ts',
  'test/verify-shards.test.ts',
  'test/transform.test.ts',
  'test/documents.test.ts',
  'test/transform-run.test.ts',
  'test/delta-readers.test.ts',
  'test/package.test.ts',
  'test/gcp/cloud-jobs.test.ts',
  'test/gcp/live.test.ts',
  'test/page/dashboard.test.ts',
  'test/destination-servers.test.ts',
  'test/destinations.test.ts',
  'test/export.test.ts',
  'test/gcp/remote.test.ts',
  'test/gcp/sigterm.test.ts',
  'test/gcp/parity.test.ts',
  'test/chaos-transform.test.ts',
  'test/gcp/credentials.test.ts',
  'test/gcp/marts.test.ts',
  'test/gcp/lost-data.test.ts',
  'test/gcp/journey.test.ts',
  'test/faults.test.ts',
  'test/gcp/faults.test.ts',
  'test/formats.test.ts',
  'test/gcp/write-faults.test.ts',
  'test/disk.test.ts',
  'test/gcp/stalled-warehouse.test.ts',
  'test/python-environment.test.ts',
  'test/gcp/load-end.test.ts',
  'test/engines/ci.test.ts',
  'test/gcp/lasting-faults.test.ts',
  'test/verify.test.ts',
  'test/chaos-stream.test.ts',
  'test/foreign.test.ts',
  'test/lives.test.ts',
  'test/transform-selection.test.ts',
  'test/preconditions.test.ts',
  'src/pipeline/stream.test.ts',
  'src/pipeline/backfill-faults.test.ts',
]

/** The longest files first, so that none is left alone at the end; those that wait for emulators in turn with those that compute. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.indexOf(path.relative(this.ctx.config.root, moduleId))
      return place < 0 ? LONGEST.length + 1 / statSync(moduleId).size : place
    }
    const sorted = [...files].sort((a, b) => rank(a) - rank(b))
    const of = (...names: string[]) => sorted.filter(({ project }) => names.includes(project.name))
    const [waiting, computing] = [of('gcp'), of('journeys', 'engines')]
    const inTurn = sorted.flatMap((_, i) => [waiting[i], computing[i]]).filter((file) => file !== undefined)
    // Short, and one after another in the same workers.
    return [...inTurn, ...of('unit')]
  }
}
