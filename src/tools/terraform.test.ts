import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { printInvocation } from './invocation.ts'
import {
  findTerraform,
  terraformApply,
  terraformEnv,
  terraformInit,
  terraformOutput,
  terraformPlan,
  terraformShow,
} from './terraform.ts'

const place = { file: 'tofu', folder: 'w', env: {} }

test.each([
  [terraformInit(place), 'init -input=false -no-color -reconfigure'],
  [terraformInit(place, { plugins: 'p' }), 'init -input=false -no-color -reconfigure -plugin-dir=p'],
  [terraformPlan(place, { out: 'a' }), 'plan -input=false -no-color -lock-timeout=10s -out=a'],
  [
    terraformPlan(place, {
      out: 'a',
      destroy: true,
      variables: { deletion_protection: 'false' },
      targets: ['m.x["a"]'],
    }),
    `plan -input=false -no-color -lock-timeout=10s -out=a -destroy -var=deletion_protection=false '-target=m.x["a"]'`,
  ],
  [terraformApply(place, 'a'), 'apply -input=false -no-color -lock-timeout=10s a'],
  [terraformShow(place, 'a'), 'show -json -no-color a'],
  [terraformOutput(place), 'output -json -no-color'],
])('%#', (call, words) => expect(printInvocation(call)).toBe(`tofu -chdir=w ${words}`))

describe('the environment of terraform', () => {
  const env = {
    GOOGLE_CREDENTIALS: '{"private_key":"k"}',
    GOOGLE_APPLICATION_CREDENTIALS: '/adc',
    TF_LOG: 'trace',
    HOME: '/h',
  }
  const nobody = { file: undefined, impersonate: undefined }

  test('is what we were told, but for logs of requests', () => {
    expect(terraformEnv(env, nobody, false)).toEqual({
      ...env,
      TF_LOG: undefined,
      TF_LOG_PATH: undefined,
      TF_IN_AUTOMATION: '1',
      CHECKPOINT_DISABLE: '1',
    })
  })

  test('a file and an account that were named hold', () => {
    const told = terraformEnv(env, { file: '/mine', impersonate: 'a@p.iam.gserviceaccount.com' }, false)
    expect(told).toMatchObject({
      GOOGLE_APPLICATION_CREDENTIALS: '/mine',
      GOOGLE_IMPERSONATE_SERVICE_ACCOUNT: 'a@p.iam.gserviceaccount.com',
    })
    expect(told.GOOGLE_CREDENTIALS).toBeUndefined()
  })

  test('an emulator hears of no credentials', () => {
    const told = terraformEnv(env, { file: '/mine', impersonate: 'a@p.iam.gserviceaccount.com' }, true)
    expect(JSON.stringify(told)).not.toMatch(/mine|private_key|gserviceaccount|adc/)
    expect(told.GOOGLE_OAUTH_ACCESS_TOKEN).toBe('fake')
  })
})

describe('the tool', () => {
  let bin: string
  beforeEach(() => {
    bin = freshFolder()
  })
  function install(name: string, version: string): string {
    const file = path.join(bin, name)
    writeFileSync(file, `#!/bin/sh\necho '{'\necho '  "terraform_version": "${version}",'\necho '}'\n`)
    chmodSync(file, 0o755)
    return file
  }

  test('is terraform, or tofu if only tofu exists', async () => {
    install('tofu', '1.9.0')
    expect(await findTerraform({ PATH: bin })).toEqual({ file: 'tofu', version: '1.9.0' })
    install('terraform', '1.11.4')
    expect(await findTerraform({ PATH: bin })).toEqual({ file: 'terraform', version: '1.11.4' })
  })

  test('is passed over when it is too old', async () => {
    install('terraform', '1.5.7')
    await expect(findTerraform({ PATH: bin })).rejects.toMatchObject({ exitCode: 3, why: 'terraform is 1.5.7' })
    install('tofu', '2.0.0')
    expect(await findTerraform({ PATH: bin })).toMatchObject({ file: 'tofu' })
  })

  test('is the one RETAIL_TERRAFORM names, and no other', async () => {
    install('terraform', '1.11.4')
    await expect(findTerraform({ PATH: bin, RETAIL_TERRAFORM: '/nowhere/tf' })).rejects.toMatchObject({
      code: 'tool_missing',
      why: 'RETAIL_TERRAFORM=/nowhere/tf does not start',
    })
  })

  test('missing ends with 3 and says how to get one', async () => {
    await expect(findTerraform({ PATH: bin })).rejects.toMatchObject({
      exitCode: 3,
      why: 'neither terraform nor tofu is on the PATH',
      hint: expect.stringContaining('OpenTofu'),
    })
  })
})
