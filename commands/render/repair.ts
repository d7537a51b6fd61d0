import type { RepairAction, RepairResult } from '../../src/pipeline/results.ts'
import { formatCount, formatDuration } from './format.ts'
import { type Pieces, table } from './layout.ts'

export const renderRepaired = ({ file, why, did }: RepairAction): string => `${file}: ${why}; ${did}`

export function renderRepair({ repaired, dryRun, seconds }: RepairResult): Pieces {
  const files = `${formatCount(repaired.length)} ${repaired.length === 1 ? 'file' : 'files'}`
  const head =
    repaired.length === 0
      ? `✔ Every file is intact; nothing to repair (${formatDuration(seconds)})`
      : dryRun
        ? `Would repair ${files}`
        : `✔ Repaired ${files} in ${formatDuration(seconds)}`
  return [
    head,
    ...(repaired.length === 0
      ? []
      : [
          table([['FILE', 'PROBLEM', 'ACTION'], ...repaired.map(({ file, why, did }) => [file, why, did])], {
            head: true,
          }),
        ]),
  ]
}
