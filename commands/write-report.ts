import path from 'node:path'
import { fs, makeFolders } from '../src/disk.ts'
import { explainSystemError } from '../src/system-errors.ts'

/** Writes a file under a temporary name, syncs it, and renames it; `flag` names it in an error. */
export function writeReport(file: string, text: string, flag: string): void {
  const beside = path.join(path.dirname(file), `.${process.pid}-${path.basename(file)}`)
  try {
    makeFolders(path.dirname(file))
    fs.writeFileSync(beside, text, { flush: true })
    fs.renameSync(beside, file)
  } catch (error) {
    throw explainSystemError(error, `writing ${file}`, flag)
  } finally {
    fs.rmSync(beside, { force: true })
  }
}
