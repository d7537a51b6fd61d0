import { type Footer, readFooter, UNSIGNED } from '../encode/footer.ts'
import { errnoOf, RetailError } from '../errors.ts'
import { broken, type Damage, MISSING } from '../ports/damage.ts'
import type { Lake } from '../ports/index.ts'

/** The metadata of a complete Parquet file of the lake, or what is wrong with the file. */
export async function readWhole(lake: Pick<Lake, 'read'>, key: string): Promise<Footer | Damage> {
  const bytes = await readOrWhy(lake, key)
  return isDamage(bytes) ? bytes : footerOf(bytes)
}

export function footerOf(bytes: Buffer): Footer | Damage {
  const footer = readFooter(bytes)
  if (typeof footer !== 'string') return footer
  return footer === UNSIGNED ? { kind: 'unsigned', why: footer } : broken(footer)
}

/** Whether a reader found damage instead of what it was to read. */
export const isDamage = (found: object): found is Damage => 'why' in found

/** The bytes of a file of the lake, or why there are none. A permission error or a read error is not damage. */
export async function readOrWhy(lake: Pick<Lake, 'read'>, key: string): Promise<Buffer | Damage> {
  try {
    return await lake.read(key)
  } catch (error) {
    if (error instanceof RetailError && error.code === 'damaged') return broken(error.message)
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return MISSING
    throw error
  }
}
