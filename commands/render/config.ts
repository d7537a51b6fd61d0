import type { ConfigListing } from '../../src/config/listing.ts'
import { type Pieces, table } from './layout.ts'

export function renderConfig({ workspace, file, settings }: ConfigListing): Pieces {
  return [
    `workspace ${workspace}`,
    `file      ${file ?? 'none: environment variables define this workspace'}`,
    '',
    table([['KEY', 'VALUE', 'SET BY'], ...settings.map(({ key, value, source }) => [key, String(value), source])], {
      head: true,
    }),
  ]
}
