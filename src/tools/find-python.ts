import { RetailError } from '../errors.ts'
import type { Invocation } from './invocation.ts'
import { run } from './run.ts'

export interface Python {
  /** The interpreter itself, with shims and links of version managers resolved. */
  file: string
  /** 3.11 */
  version: string
}

/** dbt-core 1.11 runs on 3.10 to 3.13; its serializer does not support 3.14. */
const OLDEST = 10
const NEWEST = 13
const HINT =
  'install Python 3.10 to 3.13 (apt install python3 python3-venv, brew install python@3.13), or set RETAIL_PYTHON to one'

const ask = (file: string): Invocation => ({
  file,
  args: ['-I', '-c', 'import sys; print("retail-python", *sys.version_info[:2], sys.executable)'],
})

/** $RETAIL_PYTHON if set, and no other; otherwise the first on the PATH that dbt supports. */
export async function findPython(env: NodeJS.ProcessEnv = process.env): Promise<Python> {
  const chosen = env.RETAIL_PYTHON
  const versioned = Array.from({ length: NEWEST - OLDEST + 1 }, (_, i) => `python3.${NEWEST - i}`)
  const seen: string[] = []
  for (const file of chosen ? [chosen] : ['python3', 'python', ...versioned]) {
    const found = await inspect(file, env)
    if (!found) continue
    const minor = Number(found.version.split('.')[1])
    if (found.version.startsWith('3.') && minor >= OLDEST && minor <= NEWEST) return found
    seen.push(`${file} is ${found.version}`)
  }
  throw new RetailError('tool_missing', 'no Python version that dbt supports', {
    why:
      seen.join(', ') ||
      (chosen ? `RETAIL_PYTHON=${chosen} does not start` : 'neither python3 nor python is on the PATH'),
    hint: HINT,
  })
}

/**
 * Undefined if there is no such program, or it is not Python 3 (pyenv has shims for versions that are not installed).
 */
async function inspect(file: string, env: NodeJS.ProcessEnv): Promise<Python | undefined> {
  try {
    const { exitCode, tail } = await run({ ...ask(file), env })
    const answer = tail.map((line) => /^retail-python (\d+) (\d+) (.+)$/.exec(line)).find((match) => match !== null)
    return exitCode === 0 && answer ? { version: `${answer[1]}.${answer[2]}`, file: answer[3] } : undefined
  } catch (error) {
    if (error instanceof RetailError && error.code === 'tool_missing') return undefined
    throw error
  }
}
