/** Packages that nearly every command loads. Node takes longer to find and read their 300 modules than to run them. */
export const BUNDLED = ['zod', 'yaml', 'commander', '@duckdb/node-api']
