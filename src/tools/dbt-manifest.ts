/** A table or view that a project makes, or a test of some, as its manifest describes it. */
export interface ManifestNode {
  id: string
  /** The project that defines it. */
  project: string
  kind: 'model' | 'seed' | 'snapshot' | 'test' | 'unit_test'
  /** What `--select` names it. */
  fqn: string
  /** The ids of what it reads. */
  needs: string[]
  schema: string
  /** Its name in the database. */
  name: string
  /** Relative to its project. */
  file: string
  /** False: an ephemeral model, which is not in the database. */
  isThere: boolean
  meta: Record<string, unknown>
  columns: string[]
}

const KINDS = ['model', 'seed', 'snapshot', 'test', 'unit_test'] as const

interface RawNode {
  unique_id: string
  package_name: string
  resource_type: string
  fqn: string[]
  depends_on?: { nodes?: string[] }
  schema: string
  name: string
  alias?: string
  original_file_path: string
  config?: { materialized?: string; enabled?: boolean; meta?: Record<string, unknown> }
  columns?: Record<string, unknown>
}

interface RawManifest {
  nodes: Record<string, RawNode>
  unit_tests?: Record<string, RawNode>
}

/** The nodes of dbt's `manifest.json`, in its order. */
export function parseManifest(json: string): ManifestNode[] {
  const { nodes, unit_tests = {} } = JSON.parse(json) as RawManifest
  return Object.values({ ...nodes, ...unit_tests }).flatMap((node) => {
    const kind = KINDS.find((each) => each === node.resource_type)
    // dbt leaves the tests of a disabled model among the others.
    if (!kind || node.config?.enabled === false) return []
    return {
      id: node.unique_id,
      project: node.package_name,
      kind,
      fqn: node.fqn.join('.'),
      needs: node.depends_on?.nodes ?? [],
      schema: node.schema,
      name: node.alias ?? node.name,
      file: node.original_file_path,
      isThere: kind !== 'test' && kind !== 'unit_test' && node.config?.materialized !== 'ephemeral',
      meta: node.config?.meta ?? {},
      columns: Object.keys(node.columns ?? {}),
    }
  })
}
