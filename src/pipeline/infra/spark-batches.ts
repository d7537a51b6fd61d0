import { advise, type CommandLine, retail } from '../../advice.ts'
import type { CloudConfig } from '../../config/cloud-config.ts'
import { RetailError } from '../../errors.ts'
import { type FactName, facts } from '../../tables/index.ts'

/** How a batch of Dataproc Serverless reads the archived events of one table. */
export interface SparkBatch {
  table: FactName
  /** To run in the folder of retail.yaml. */
  command: CommandLine
  /** What `retail load --from` takes. */
  out: string
}

/** What `spark = {}` in infra.tfvars creates. */
interface SparkOutput {
  account: string
  runtime: string
  staging_bucket: string
  subnet: string
}

/**
 * The commands that submit spark/ingest.py, one for each fact, from the outputs of Terraform. Throws `missing` with the
 * lines that infra.tfvars lacks.
 */
export function sparkBatches(
  { gcp, world }: CloudConfig,
  { spark, archive }: Record<string, unknown>,
): readonly SparkBatch[] {
  const lines = [!hasBatches(spark) && 'spark = {}', typeof archive !== 'string' && 'archive = true']
  const lacks = lines.filter((line) => line !== false)
  if (!hasBatches(spark) || typeof archive !== 'string')
    throw new RetailError('missing', `project ${gcp.project} is not prepared for Spark`, {
      why: 'Spark needs an account, a subnet, and events as files',
      hint: advise`add ${lacks.join(' and ')} to infra.tfvars, and run ${retail('infra', 'apply')}`,
    })
  const out = `gs://${spark.staging_bucket}/ingest`
  return facts.map(({ name: table }) => ({
    table,
    out,
    command: [
      ...['gcloud', 'dataproc', 'batches', 'submit', 'pyspark', 'spark/ingest.py'],
      ...[`--project=${gcp.project}`, `--region=${gcp.region}`, `--version=${spark.runtime}`],
      ...[`--service-account=${spark.account}`, `--subnet=${spark.subnet}`],
      ...[`--deps-bucket=gs://${spark.staging_bucket}`, `--staging-bucket=${spark.staging_bucket}`],
      ...[
        `--labels=managed-by=retail,retail-table=${table}`,
        '--',
        '--table',
        table,
        '--input',
        `gs://${archive}/${table}`,
      ],
      ...['--out', out, '--checkpoint', `${out}/.checkpoint`, '--dead-letter', `${out}/dead`],
      ...(world.schema === 'extended' ? ['--extended'] : []),
    ],
  }))
}

const hasBatches = (spark: unknown): spark is SparkOutput =>
  typeof spark === 'object' && spark !== null && 'runtime' in spark && 'subnet' in spark
