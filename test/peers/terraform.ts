import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

/**
 * Environment in which terraform finds the google provider; built at the first call, in minutes, and found at the next ones.
 * Without garbage collection: both programs end within seconds, and it takes a seventh of their time.
 */
export async function terraformPeer(): Promise<{ TF_CLI_CONFIG_FILE: string; GOGC: string }> {
  const script = path.join(import.meta.dirname, 'build-provider.sh')
  const { stdout } = await promisify(execFile)(script, { timeout: 1_200_000 }).catch((error) => {
    throw new Error(`there is no google provider to test terraform/ with:\n${error.stderr}`)
  })
  return { TF_CLI_CONFIG_FILE: stdout.trim(), GOGC: 'off' }
}
