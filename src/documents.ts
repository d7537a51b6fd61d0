import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The documents of the package that messages refer to. */
export type DocumentName = 'docs/gcp.md' | 'docs/scale.md'

/**
 * The absolute path of a document, so that a user can open it however retail was installed. The package root is one
 * folder above the sources, and two above the built files.
 */
export function documentPath(name: DocumentName): string {
  const candidates = ['../', '../../'].map((up) => fileURLToPath(new URL(`${up}${name}`, import.meta.url)))
  const found = candidates.find(existsSync)
  if (found === undefined) throw new Error(`${name} of retail-cli is missing`)
  return found
}
