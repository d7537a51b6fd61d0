/** The cloud resources with our names at this moment, listed before anything is destroyed. */
export interface Inventory {
  buckets: { name: string; labels: Record<string, string>; objects: number; sizeBytes: number }[]
  /** Every table and view, including those that dbt made. */
  datasets: {
    name: string
    labels: Record<string, string>
    tables: { name: string; rows: number; sizeBytes: number }[]
  }[]
}

/** Reads metadata only, and costs nothing. Omits what does not exist; throws other failures. */
export type TakeInventory = (
  names: { buckets: readonly string[]; datasets: readonly string[] },
  signal?: AbortSignal,
) => Promise<Inventory>
