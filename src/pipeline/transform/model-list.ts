import path from 'node:path'
import { fs } from '../../disk.ts'
import type { DbtStep } from '../../tools/dbt-steps.ts'
import type { DbtPlace } from '../dbt-place.ts'

/** The models of the last build, for programs that make a task for each of them without a call of dbt. */
export const modelListFile = ({ work }: Pick<DbtPlace, 'work'>): string => path.join(work, 'models.json')

/** Each after those that it needs. */
export function writeModelList(place: Pick<DbtPlace, 'work'>, steps: readonly DbtStep[]): void {
  const lines = steps.map(({ name, after }) => JSON.stringify({ name, after }))
  const text = `[\n${lines.join(',\n')}\n]\n`
  const file = modelListFile(place)
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return
  // A scheduler reads it at any time.
  fs.writeFileSync(`${file}.tmp`, text)
  fs.renameSync(`${file}.tmp`, file)
}
