/** What dbt did, according to its `run_results.json`. */
export interface DbtOutcome {
  /** Models built. */
  models: number
  /** Tests run. */
  tests: number
  /** Models and tests that failed, by name, in dbt's order. */
  failed: string[]
  warned: string[]
  /** Bytes that BigQuery billed in total; undefined for other databases. */
  billedBytes?: number
}

/** A model as it was built. */
export interface BuiltModel {
  name: string
  /** The SELECT that it was built from. */
  sql: string
}

/** Which models it built. */
export interface DbtBuilt {
  models: BuiltModel[]
  /** False if a selected model failed, or was skipped because something before it failed. */
  whole: boolean
}

interface RunResults {
  results: {
    unique_id: string
    status: string
    compiled_code?: string
    adapter_response?: { bytes_billed?: number }
  }[]
}

const FAILED = ['error', 'fail', 'runtime error', 'partial success']

/** `allowed`: tests were warnings, so that they stopped no model; they failed nevertheless. */
export function parseDbtResults(json: string, allowed = false): { outcome: DbtOutcome; built: DbtBuilt } {
  const { results } = JSON.parse(json) as RunResults
  const named = results.map(({ unique_id, status, compiled_code: sql = '' }) => {
    // model.retail.daily_sales, test.retail.unique_stg_store_store_id.3cf3a5d5a0
    const [kind, , name] = unique_id.split('.')
    return { kind, name, status, sql }
  })
  const names = (statuses: readonly string[]) => named.filter((r) => statuses.includes(r.status)).map((r) => r.name)
  const billed = results.flatMap(({ adapter_response: said }) => said?.bytes_billed ?? [])
  const models = named.filter(({ kind }) => kind === 'model')
  const built = models.filter(({ status }) => status === 'success').map(({ name, sql }) => ({ name, sql }))
  const outcome = {
    ...(billed.length > 0 && { billedBytes: billed.reduce((sum, bytes) => sum + bytes, 0) }),
    models: built.length,
    tests: named.filter(({ kind, status }) => kind === 'test' && status !== 'skipped').length,
    failed: names(allowed ? [...FAILED, 'warn'] : FAILED),
    warned: allowed ? [] : names(['warn']),
  }
  return { outcome, built: { models: built, whole: built.length === models.length } }
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
