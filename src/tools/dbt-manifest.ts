/** A table or view that a project makes, as its manifest describes it. */
export interface ManifestNode {
  id: string
  /** The project that defines it. */
  project: string
  kind: 'model' | 'seed' | 'snapshot' | 'test'
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

const KINDS = ['model', 'seed', 'snapshot', 'test'] as const

interface RawNode {
  unique_id: string
  package_name: string
  resource_type: string
  schema: string
  name: string
  alias?: string
  original_file_path: string
  config?: { materialized?: string; enabled?: boolean; meta?: Record<string, unknown> }
  columns?: Record<string, unknown>
}

/** The nodes of dbt's `manifest.json`, in its order. */
export function parseManifest(json: string): ManifestNode[] {
  const { nodes } = JSON.parse(json) as { nodes: Record<string, RawNode> }
  return Object.values(nodes).flatMap((node) => {
    const kind = KINDS.find((each) => each === node.resource_type)
    if (!kind) return []
    return {
      id: node.unique_id,
      project: node.package_name,
      kind,
      schema: node.schema,
      name: node.alias ?? node.name,
      file: node.original_file_path,
      isThere: kind !== 'test' && node.config?.materialized !== 'ephemeral',
      meta: node.config?.meta ?? {},
      columns: Object.keys(node.columns ?? {}),
    }
  })
}
