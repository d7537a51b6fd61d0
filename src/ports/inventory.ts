/** What is in the cloud under our names at this moment; asked before anything is destroyed. */
export interface Inventory {
  buckets: { name: string; labels: Record<string, string>; objects: number; sizeBytes: number }[]
  /** every table and view, also those that dbt made */
  datasets: {
    name: string
    labels: Record<string, string>
    tables: { name: string; rows: number; sizeBytes: number }[]
  }[]
}

/** Reads metadata only, and costs nothing. What is not there is left out; other failures are thrown. */
export type TakeInventory = (
  names: { buckets: readonly string[]; datasets: readonly string[] },
  signal?: AbortSignal,
) => Promise<Inventory>
