import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'

export interface Asset {
  type: string
  bytes: Buffer
  etag: string
}

const TYPES = {
  'index.html': 'text/html',
  'page.js': 'text/javascript',
  'page.css': 'text/css',
  'icon.svg': 'image/svg+xml',
}
export type AssetName = keyof typeof TYPES

/**
 * All files of the page, read once, so that no path of a request ever reaches the disk. `folder` is the output of the
 * build.
 */
export function loadAssets(folder: string): Record<AssetName, Asset> {
  const assets = Object.entries(TYPES).map(([name, type]) => {
    const bytes = readFileSync(path.join(folder, name))
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    return [name, { type: `${type}; charset=utf-8`, bytes, etag }]
  })
  return Object.fromEntries(assets) as Record<AssetName, Asset>
}
