/**
 * Lines per row group; movements are about a fifth more. BigQuery recommends at least 16 MiB, and readers hold one
 * group at a time.
 */
export const GROUP_LINES = 1_500_000
