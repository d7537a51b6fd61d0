import { describe, expect, test } from 'vitest'
import { newConfigText } from '../config/document.ts'
import type { Overrides } from '../config/settings.ts'
import { fillCluster } from './cluster.ts'
import { templateFiles } from './templates.ts'

const filled = (values: Overrides) => {
  const fill = fillCluster(newConfigText(values))
  return Object.fromEntries(templateFiles('kubernetes').map(({ path, text }) => [path, fill(text)]))
}
const memoryOf = (text: string) => Number(/limits: \{ memory: (\d+)Mi \}/.exec(text)![1])

describe('the files for a cluster', () => {
  const small = filled({ target: 'local', 'world.stores': 4 })
  const large = filled({ target: 'local', 'world.stores': 100_000, 'world.lines_per_store_day': 5_000 })
  // Its threads hold a part as a whole while they upload it.
  const uploading = filled({
    ...{ target: 'gcp', 'gcp.project': 'some-project', 'gcp.bucket': 'some-bucket' },
    ...{ 'world.stores': 100_000, 'world.lines_per_store_day': 5_000 },
  })

  test('have as many tasks as the world has blocks, and eight at most', () => {
    expect(small['kubernetes/backfill.yaml']).toMatch(/completions: 4\n.*parallelism: 4\n/)
    expect(large['kubernetes/verify.yaml']).toMatch(/completions: 8\n.*parallelism: 8\n/)
    expect(large['kubernetes/verify.yaml']).toContain('{ name: JOB_COMPLETIONS, value: "8" }')
  })

  test('give a task the memory and the volume the disk that the plan says', () => {
    expect(memoryOf(small['kubernetes/backfill.yaml'])).toBe(2048)
    expect(memoryOf(uploading['kubernetes/backfill.yaml'])).toBeGreaterThan(4096)
    expect(small['kubernetes/dimensions.yaml']).toContain('requests: { storage: 10Gi }')
    expect(large['kubernetes/dimensions.yaml']).toMatch(/requests: \{ storage: \d{4,}Gi \}/)
  })

  test('leave no placeholder', () => {
    for (const [path, text] of Object.entries({ ...small, ...large })) expect(text, path).not.toMatch(/@RETAIL/)
  })
})
