/** Packages that nearly every command loads. Node takes longer to find and read their 300 modules than to run them. */
export const BUNDLED = ['zod', 'yaml', 'commander', '@duckdb/node-api']

/** commander starts other programs only for commands in files of their own, of which retail has none: this module takes 6 ms to load. */
export const lazyChildProcess = {
  name: 'lazy child_process',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      /[\\/]node_modules[\\/]commander[\\/]/.test(importer) ? { path, namespace: 'lazy' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
      contents: "exports.spawn = (...args) => require('node:child_process').spawn(...args)",
    }))
  },
}
