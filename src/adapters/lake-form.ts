import { advise, adviseAlso, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import type { LakeIdentity } from '../ports/index.ts'
import { LAKE_FORM } from '../ports/layout.ts'

/** The last release that wrote the form before this one. */
const LAST_OF_OLD_FORM = '0.1.0'

/** Refuses a lake whose files have other names than this version reads. Exports without --hive have one form only. */
export function mustBeThisForm({ format, generator, export: exported }: LakeIdentity, where: string): void {
  if (format === LAKE_FORM || (exported && format < LAKE_FORM)) return
  const elsewhere = where.startsWith('gs://') ? 'choose another bucket' : 'choose another folder with --workspace'
  if (!(format < LAKE_FORM))
    throw new RetailError(
      'foreign_world',
      `the lake ${where} was made by a newer version of retail (form ${format}; this version reads form ${LAKE_FORM})`,
      { hint: `run the newer version, or ${elsewhere}` },
    )
  const again = where.startsWith('gs://')
    ? advise`name another bucket and other datasets, then run ${retail('infra', 'apply')}`
    : advise`copy retail.yaml into another folder and run ${retail('seed-dims')} there`
  throw new RetailError(
    'foreign_world',
    `the lake ${where} was made by an older version of retail (form ${format}, generator version ${generator}; this version reads form ${LAKE_FORM})`,
    {
      why: 'its folders have other names; nothing in it was changed',
      hint: adviseAlso(`to keep it, use retail ${LAST_OF_OLD_FORM}, which reads it; to generate a new one, `, again),
    },
  )
}
