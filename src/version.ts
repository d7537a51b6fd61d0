import { readFileSync } from 'node:fs'

/** The package's version. Its package.json is one folder above the sources, and two above the built files. */
export const VERSION: string = (() => {
  for (const up of ['../package.json', '../../package.json']) {
    try {
      const about = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { name: string; version: string }
      if (about.name === 'retail-cli') return about.version
    } catch {
      // The other place is next; without both, this throws.
    }
  }
  throw new Error('package.json of retail-cli is missing')
})()
