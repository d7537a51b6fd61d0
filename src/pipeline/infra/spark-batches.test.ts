import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshFolder, retail } from '../../../test/front-door.ts'

const outputs = {
  spark: {
    account: 'retail-spark@a-shop.iam.gserviceaccount.com',
    runtime: '3.0',
    staging_bucket: 'bbb-spark',
    subnet: 'projects/a-shop/regions/europe-west6/subnetworks/retail-spark',
  },
  archive: "it's-archive",
}

async function output(given: object, line = 'infra output --spark', schema = 'strict') {
  const cwd = freshFolder()
  const yaml = `target: gcp\nworld: { schema: ${schema} }\ngcp: { project: a-shop, bucket: bbb, region: europe-west6 }\n`
  writeFileSync(path.join(cwd, 'retail.yaml'), yaml)
  const head = { target: 'gcp', project: 'a-shop', state: 'gs://bbb-tfstate' } as const
  const infraOutput = async () => ({ ...head, action: 'output' as const, outputs: { ...given } })
  return await retail(line, { cwd, verbs: { infraOutput } })
}

describe('retail infra output --spark', () => {
  test('prints lines that a shell takes unchanged, with everything that Terraform made', async () => {
    const { code, stdout } = await output(outputs, undefined, 'extended')
    expect(code).toBe(0)
    const lines = stdout.trim().split('\n')
    expect(lines).toHaveLength(2)
    const said = JSON.parse((await output(outputs, 'infra output --spark --json', 'extended')).stdout)
    for (const [i, line] of lines.entries()) {
      // What bash makes of it.
      const words = execFileSync('bash', ['-c', `gcloud() { printf '%s\\0' gcloud "$@"; }; ${line}`], {
        encoding: 'utf8',
      })
      expect(words.split('\0').slice(0, -1)).toEqual(said.batches[i].command)
    }
    expect(said.batches[0].command).toMatchInlineSnapshot(`
      [
        "gcloud",
        "dataproc",
        "batches",
        "submit",
        "pyspark",
        "spark/ingest.py",
        "--project=a-shop",
        "--region=europe-west6",
        "--version=3.0",
        "--service-account=retail-spark@a-shop.iam.gserviceaccount.com",
        "--subnet=projects/a-shop/regions/europe-west6/subnetworks/retail-spark",
        "--deps-bucket=gs://bbb-spark",
        "--staging-bucket=bbb-spark",
        "--labels=managed-by=retail,retail-table=transactions",
        "--",
        "--table",
        "transactions",
        "--input",
        "gs://it's-archive/transactions",
        "--out",
        "gs://bbb-spark/ingest",
        "--checkpoint",
        "gs://bbb-spark/ingest/.checkpoint",
        "--dead-letter",
        "gs://bbb-spark/ingest/dead",
        "--extended",
      ]
    `)
  })

  test.each([
    [{ spark: null, archive: null }, 'add spark = {} and archive = true to infra.tfvars'],
    [{ ...outputs, archive: null }, 'add archive = true to infra.tfvars'],
  ])('names what is missing: %j', async (given, hint) => {
    const { code, stderr } = await output(given)
    expect([code, stderr]).toEqual([3, expect.stringContaining(hint)])
  })

  test('belongs to output', async () => {
    expect(await output(outputs, 'infra plan --spark')).toMatchObject({ code: 2 })
  })
})
