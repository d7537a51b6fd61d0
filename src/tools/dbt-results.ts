/** What dbt did, according to its `run_results.json`. */
export interface DbtOutcome {
  /** Models built. */
  models: number
  /** Tests run. */
  tests: number
  /** Models and tests that failed, by name, in dbt's order. */
  failed: string[]
  warned: string[]
  /** Where and why each of them failed: the first line of dbt's message, without its preface. */
  failures: DbtFailure[]
  /** Bytes that BigQuery billed in total; undefined for other databases. */
  billedBytes?: number
}

export interface DbtFailure {
  name: string
  id: string
  message: string
}

/** A model as it was built. */
export interface BuiltModel {
  id: string
  name: string
  /** The SELECT that it was built from. */
  sql: string
  /** It is not of our project. */
  own: boolean
}

/** Which models it built. */
export interface DbtBuilt {
  models: BuiltModel[]
  /** False if a selected model failed, or was skipped because something before it failed. */
  whole: boolean
}

export interface DbtDone {
  outcome: DbtOutcome
  built: DbtBuilt
  /** The ids of what was built, and of tests that did not fail. */
  ran: string[]
}

interface RunResults {
  results: {
    unique_id: string
    status: string
    message?: string | null
    compiled_code?: string
    adapter_response?: { bytes_billed?: number }
  }[]
}

/** Our project, by its name in dbt. */
export const OUR_PROJECT = 'retail'

/** `Runtime Error in model x (models/x.sql)` tells less than the line after it. */
function firstReason(message: string): string {
  const lines = message
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  return (/^[\w ]+ Error in /.test(lines[0] ?? '') ? lines[1] : lines[0]) ?? ''
}

const TESTS = ['test', 'unit_test']
const FAILED = ['error', 'fail', 'runtime error', 'partial success']

/** `allowed`: tests were warnings, so that they stopped no model; they failed nevertheless. */
export function parseDbtResults(json: string, allowed = false): DbtDone {
  const { results } = JSON.parse(json) as RunResults
  const named = results.map(({ unique_id: id, status, message, compiled_code }) => {
    // model.retail.daily_sales, test.retail.unique_stg_store_store_id.3cf3a5d5a0
    const [kind, project, name] = id.split('.')
    return {
      id,
      kind,
      name,
      status,
      message: firstReason(message ?? ''),
      sql: compiled_code ?? '',
      own: project !== OUR_PROJECT,
    }
  })
  const names = (statuses: readonly string[]) => named.filter((r) => statuses.includes(r.status)).map((r) => r.name)
  const billed = results.flatMap(({ adapter_response: said }) => said?.bytes_billed ?? [])
  const models = named.filter(({ kind }) => kind === 'model')
  const built = models
    .filter(({ status }) => status === 'success')
    .map(({ id, name, sql, own }) => ({ id, name, sql, own }))
  const failing = allowed ? [...FAILED, 'warn'] : FAILED
  const failures = named
    .filter(({ status }) => failing.includes(status))
    .map(({ id, name, message }) => ({ id, name, message }))
  const outcome = {
    ...(billed.length > 0 && { billedBytes: billed.reduce((sum, bytes) => sum + bytes, 0) }),
    models: built.length,
    tests: named.filter(({ kind, status }) => TESTS.includes(`${kind}`) && status !== 'skipped').length,
    failed: failures.map(({ name }) => name),
    failures,
    warned: allowed ? [] : names(['warn']),
  }
  const ran = named.filter(({ status }) => ['success', 'pass', 'warn'].includes(status)).map(({ id }) => id)
  return { outcome, built: { models: built, whole: built.length === models.length }, ran }
}

/** The first message that dbt calls an error, without its timestamp: what a person wants to read first. */
export function firstDbtError(lines: readonly string[]): string | undefined {
  const plain = lines.map((line) => line.replace(/^\d\d:\d\d:\d\d\s*/, '').trim())
  const at = plain.findIndex((line) => /\bError\b|^Usage:|Traceback/i.test(line))
  if (at < 0) return plain.filter(Boolean).at(-1)
  // dbt often prints only "Encountered an error:" and the error on the next line.
  const said = plain.slice(at).filter((line) => line !== '' && !/^(Encountered an error|Usage|Try ').*/.test(line))
  return said.slice(0, 2).join(': ') || plain[at]
}
