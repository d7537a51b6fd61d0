/**
 * Targets as retail.yaml, flags, and prompts know them. The capabilities of each target are in its folder under
 * `src/adapters`; this table is read before any of that is loaded.
 */
export const targets = {
  local: {
    /** Its label in a list of choices. */
    label: 'Local: files and DuckDB in this folder, no account needed',
    /** An explanation beside the label. */
    about: 'files in this folder, no account needed',
    /** The section of retail.yaml that it requires. */
    needs: undefined,
  },
  gcp: {
    label: 'Google Cloud: Cloud Storage, Pub/Sub and BigQuery in your project',
    about: 'Google Cloud',
    needs: 'gcp',
  },
} as const satisfies Record<string, { label: string; about: string; needs: string | undefined }>

export type TargetName = keyof typeof targets
/** Data of the target is on this machine. */
export const isHere = (name: TargetName): boolean => targets[name].needs === undefined

export const targetNames = Object.keys(targets) as [TargetName, ...TargetName[]]
