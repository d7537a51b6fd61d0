import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { start, workspace } from '../tool.ts'

/** Nothing listens there. */
const AWAY = {
  PUBSUB_EMULATOR_HOST: '127.0.0.1:9',
  STORAGE_EMULATOR_HOST: 'http://127.0.0.1:9',
  RETAIL_BIGQUERY_ENDPOINT: 'http://127.0.0.1:9',
  RETAIL_BIGQUERY_STORAGE_ENDPOINT: '127.0.0.1:9',
  METADATA_SERVER_DETECTION: 'none',
  ...{ RETAIL_TARGET: 'gcp', RETAIL_PROJECT: 'a-shop', RETAIL_BUCKET: 'a-shop' },
}

test.concurrent.each([
  ...['status', 'status --json', 'seed-dims', 'backfill', 'stream --speed max', 'load', 'load --follow'],
  ...['transform', 'transform --select daily_sales', 'verify', 'verify --json', 'dead-letters'],
  ...['dead-letters replay --all', 'dashboard --export marts.html', 'dashboard --port 0'],
])(
  '%s says that the cloud does not answer, and ends after one signal',
  async (line) => {
    const child = start(workspace(), line, AWAY)
    for await (const said of createInterface(child.stderr!)) if (said.includes('waiting for')) break
    child.kill('SIGTERM')
    const { code, stdout, stderr } = await child.ended
    expect(code).toBe(143)
    if (/--json$/.test(line)) expect(JSON.parse(stdout)).toMatchObject({ error: { exitCode: 143 } })
    else expect(stdout).toBe('')
    expect(stderr).not.toContain('bug in retail')
  },
  60_000,
)
