import type { ConfigListing } from '../../src/config/listing.ts'
import { table } from './format.ts'

export function renderConfig({ workspace, file, settings }: ConfigListing): string {
  return [
    `workspace ${workspace}`,
    `file      ${file ?? 'none: environment variables define this workspace'}`,
    '',
    table([['KEY', 'VALUE', 'SET BY'], ...settings.map(({ key, value, source }) => [key, String(value), source])]),
  ].join('\n')
}
