/** Printed by Google's client if a machine outside of Google Cloud cannot resolve the name of the metadata server. */
const NAME = 'MetadataLookupWarning'
let done = false

/**
 * Keeps Google's warning about its search for a metadata server off stderr: the call that needed credentials fails, and
 * says what to do. All other warnings are printed as before.
 */
export function hushMetadata(): void {
  if (done) return
  done = true
  const printers = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name !== NAME) for (const print of printers) print.call(process, warning)
  })
}
