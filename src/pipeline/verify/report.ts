import { RetailError } from '../../errors.ts'
import type { Finding } from './check.ts'
import type { VerifyCheck, VerifyDifference } from './result.ts'
import { type CheckName, described, type Outcome, sentenceOf } from './sentences.ts'

export interface ReportOptions {
  /** Compare counts and keys only. */
  quick?: boolean
  /** On abort, throws `stopped`. */
  signal?: AbortSignal
  onCheck?: (check: VerifyCheck) => void
}

/** The checks of one verify, in the order in which they run. */
export interface Report {
  readonly checks: VerifyCheck[]
  /** The first twenty of each check. */
  readonly differences: VerifyDifference[]
  /** Runs a check and records its result. Resolves to whether it passed. */
  check(name: CheckName, work: () => Promise<Finding>): Promise<boolean>
  /** Records checks that cannot run, and why. */
  skip(names: readonly CheckName[], why: string): void
}

export const MOST_DIFFERENCES = 20

export const stopped = (): RetailError =>
  new RetailError('stopped', 'verify was stopped', { hint: 'nothing was changed; run it again' })

export function openReport({ quick = false, signal, onCheck }: ReportOptions): Report {
  const checks: VerifyCheck[] = []
  const differences: VerifyDifference[] = []

  function keep(name: CheckName, outcome: Outcome, about: Pick<VerifyCheck, 'compared' | 'seconds' | 'why'>): void {
    const ok = outcome === 'passed'
    const check: VerifyCheck = { name, outcome, ok, sentence: sentenceOf(name, outcome, quick), ...about }
    checks.push(check)
    onCheck?.(check)
  }

  /** A damaged file may crash a query. If files are known to be damaged, they are the reason. */
  const isDueToFiles = (error: unknown) =>
    (!(error instanceof RetailError) || error.code === 'damaged') &&
    checks.some(({ name, ok }) => name === 'files' && !ok)

  return {
    checks,
    differences,

    async check(name, work) {
      if (signal?.aborted) throw stopped()
      const began = performance.now()
      const seconds = () => (performance.now() - began) / 1000
      let finding: Finding
      try {
        finding = await work()
      } catch (error) {
        if (!isDueToFiles(error)) throw error
        // If a query of the database fails, DuckDB calls it damaged, although it only refers to the files.
        const said = (error instanceof RetailError && error.why) || String(error)
        const why = `a query failed to read the data: ${said.split('\n')[0]}`
        keep(name, 'inconclusive', { compared: 0, seconds: seconds(), why })
        return false
      }
      differences.push(...finding.differences.slice(0, MOST_DIFFERENCES).map(described))
      const passed = finding.differences.length === 0
      keep(name, passed ? 'passed' : 'failed', { compared: finding.compared, seconds: seconds() })
      return passed
    },

    skip(names, why) {
      for (const name of names) keep(name, 'inconclusive', { compared: 0, seconds: 0, why })
    },
  }
}
