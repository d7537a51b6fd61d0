import { type Footer, readFooter } from '../encode/footer.ts'
import { errnoOf, RetailError } from '../errors.ts'
import type { Lake } from '../ports/index.ts'

/** The metadata of a complete Parquet file of the lake; a string is the reason why it is not complete. */
export async function readWhole(lake: Pick<Lake, 'read'>, key: string): Promise<Footer | string> {
  const bytes = await readOrWhy(lake, key)
  return typeof bytes === 'string' ? bytes : readFooter(bytes)
}

/** The reason if the path is not a readable file. */
export const MISSING = 'the file is missing'

/** The bytes of a file of the lake, or why there are none. A permission error or a read error is not damage. */
export async function readOrWhy(lake: Pick<Lake, 'read'>, key: string): Promise<Buffer | string> {
  try {
    return await lake.read(key)
  } catch (error) {
    if (error instanceof RetailError && error.code === 'damaged') return error.message
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return MISSING
    throw error
  }
}
