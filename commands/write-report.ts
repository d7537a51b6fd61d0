import path from 'node:path'
import { fs, makeFolders } from '../src/disk.ts'
import { RetailError } from '../src/errors.ts'
import { explainSystemError } from '../src/system-errors.ts'

/** Writes a file under a temporary name, syncs it, and renames it; `flag` names it in an error. */
export function writeReport(file: string, text: string, flag: string): void {
  const beside = path.join(path.dirname(file), `.${process.pid}-${path.basename(file)}`)
  try {
    makeFolders(path.dirname(file))
    fs.writeFileSync(beside, text, { flush: true })
    fs.renameSync(beside, file)
  } catch (error) {
    const explained = explainSystemError(error, `writing ${file}`, flag)
    // Something else has the name that was given: nothing of ours is damaged.
    if (explained instanceof RetailError && explained.code === 'damaged')
      throw new RetailError('bad_flag', explained.message, {
        why: explained.why,
        hint: `name another file with ${flag}`,
        cause: error,
      })
    throw explained
  } finally {
    fs.rmSync(beside, { force: true })
  }
}
