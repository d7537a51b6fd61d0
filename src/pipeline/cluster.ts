import { CONFIG_FILE, parseConfigText } from '../config/file.ts'
import { type Config, configSchema } from '../config/schema.ts'
import { isHere } from '../config/targets.ts'
import { VERSION } from '../version.ts'
import { plan } from './plan.ts'

const MIB = 2 ** 20
/** Of a task: what Node and DuckDB need beside the rows of the threads. */
const BESIDE_ROWS = 512 * MIB
const LEAST_MEMORY = 2048 * MIB
const THREADS = 2
/** The lake, the database, and room to replace files. */
const COPIES = 3
const LEAST_STORAGE_GIB = 10
/** How often a task may be killed and started again. */
const RETRIES = 4

/** Fills the placeholders of the Kubernetes template for the world of a retail.yaml. */
export function fillCluster(configText: string): (text: string) => string {
  const config: Config = { ...configSchema.parse(parseConfigText(configText, CONFIG_FILE).value), workspace: '' }
  const values = valuesOf(config)
  return (text) => text.replaceAll(/@(RETAIL_[A-Z_]+)@/g, (whole, name: string) => values[name] ?? whole)
}

function valuesOf(config: Config): Record<string, string> {
  const { job, backfill, lake } = plan(config, {})
  const memory = Math.max(LEAST_MEMORY, BESIDE_ROWS + THREADS * backfill.workerBytes)
  const storage = Math.max(LEAST_STORAGE_GIB, Math.ceil((COPIES * lake.sizeBytes) / 2 ** 30))
  const isLocal = isHere(config.target)
  return {
    RETAIL_TASKS: `${job.tasks}`,
    RETAIL_RETRIES: `${RETRIES * job.tasks}`,
    RETAIL_TASK_MEMORY: `${Math.ceil(memory / MIB / 256) * 256}Mi`,
    RETAIL_PLACE: isLocal ? volume(storage) : SERVICE_ACCOUNT,
    RETAIL_POD: indented(6, podOf(isLocal)),
    RETAIL_CONTAINER: indented(10, CONTAINER),
    RETAIL_CRON_POD: indented(10, podOf(isLocal)),
    RETAIL_CRON_CONTAINER: indented(14, CONTAINER),
  }
}

const volume = (gib: number): string => `apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: retail
spec:
  # All pods write to it, on any node.
  accessModes: [ReadWriteMany]
  resources:
    requests: { storage: ${gib}Gi }`

const SERVICE_ACCOUNT = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: retail`

/** The user of the image owns the files of the volume. */
const podOf = (
  isLocal: boolean,
): string => `${isLocal ? '' : 'serviceAccountName: retail\n'}securityContext: { runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, runAsNonRoot: true }
volumes:
  - name: workspace
    ${isLocal ? 'persistentVolumeClaim: { claimName: retail }' : 'emptyDir: {}'}
  - name: config
    configMap: { name: retail }`

const CONTAINER = `image: retail:${VERSION}
securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
volumeMounts:
  - { name: workspace, mountPath: /workspace }
  - { name: config, mountPath: /workspace/retail.yaml, subPath: retail.yaml, readOnly: true }
env:
  - { name: RETAIL_NO_INPUT, value: "1" }`

const indented = (spaces: number, text: string): string =>
  text
    .split('\n')
    .map((line) => ' '.repeat(spaces) + line)
    .join('\n')
