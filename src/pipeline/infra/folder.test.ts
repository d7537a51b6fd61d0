import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshFolder } from '../../../test/front-door.ts'
import { type Config, configSchema } from '../../config/schema.ts'
import { placeState, prepareFolder, stateIn, variablesOf } from './folder.ts'

const emulators = {
  storage: 'http://127.0.0.1:1',
  pubsub: 'http://127.0.0.1:2',
  bigquery: 'http://127.0.0.1:3',
  bigqueryStorage: undefined,
}

function configOf(gcp: object = {}): Config {
  const section = { project: 'a-shop', bucket: 'a-shop-retail', ...gcp }
  return { ...configSchema.parse({ target: 'gcp', gcp: section }), workspace: freshFolder() }
}
const there = (folder: string, file: string) => readFileSync(path.join(folder, file), 'utf8')

describe('the folder terraform works in', () => {
  test('is a copy of the package, with the config beside it', () => {
    const config = configOf()
    const folder = prepareFolder(config, config.gcp!, undefined)
    expect(path.relative(config.workspace, folder)).toBe('.retail/terraform')
    for (const file of ['main.tf', 'modules/events/main.tf', 'schemas/transactions.extended.json', 'state/main.tf'])
      expect(there(folder, file), file).toBe(readFileSync(path.join('terraform', file), 'utf8'))
    expect(JSON.parse(there(folder, 'retail.auto.tfvars.json'))).toMatchObject({ project: 'a-shop', emulators: null })
  })

  test('keeps what terraform keeps, and nothing of an older version', () => {
    const config = configOf()
    const folder = prepareFolder(config, config.gcp!, undefined)
    const before = statSync(path.join(folder, 'main.tf')).mtimeMs
    mkdirSync(path.join(folder, '.terraform/modules'), { recursive: true })
    mkdirSync(path.join(folder, 'modules/old'))
    const kept = ['.terraform.lock.hcl', 'terraform.tfstate', '.terraform/modules/old.tf', 'state/terraform.tfstate']
    const gone = ['old.tf', 'modules/old/main.tf', 'schemas/old.json', 'state/old.tf']
    for (const file of [...kept, ...gone]) writeFileSync(path.join(folder, file), '')
    prepareFolder(config, config.gcp!, undefined)
    expect(kept.map((file) => existsSync(path.join(folder, file)))).toEqual([true, true, true, true])
    expect(gone.map((file) => existsSync(path.join(folder, file)))).toEqual([false, false, false, false])
    expect(statSync(path.join(folder, 'main.tf')).mtimeMs).toBe(before)
  })

  test('copies infra.tfvars, before what retail.yaml says, and removes it again', () => {
    const config = configOf()
    const extra = path.join(config.workspace, 'infra.tfvars')
    writeFileSync(extra, 'archive = true\n')
    const folder = prepareFolder(config, config.gcp!, undefined)
    expect(there(folder, 'infra.auto.tfvars')).toBe('archive = true\n')
    expect(['retail.auto.tfvars.json', 'infra.auto.tfvars'].sort().at(-1)).toBe('retail.auto.tfvars.json')
    writeFileSync(extra, '')
    prepareFolder(config, config.gcp!, undefined)
    expect(there(folder, 'infra.auto.tfvars')).toBe('')
  })
})

describe('the variables', () => {
  test('are what retail.yaml says, and no credentials', () => {
    const config = configOf({ credentials: '/keys/canary.json', impersonate: 'canary@a-shop.iam.gserviceaccount.com' })
    const variables = variablesOf(config, config.gcp!, undefined)
    expect(variables).toMatchSnapshot()
    expect(JSON.stringify(variables)).not.toContain('canary')
  })

  test('name the emulators as the provider wants them; they have no versions', () => {
    const config = configOf()
    expect(variablesOf(config, config.gcp!, emulators)).toMatchObject({
      emulators: {
        storage: 'http://127.0.0.1:1/storage/v1/',
        pubsub: 'http://127.0.0.1:2/v1/',
        bigquery: 'http://127.0.0.1:3/bigquery/v2/',
      },
      versioning: false,
    })
  })
})

describe('the state', () => {
  test('is in a bucket of its own, or in the folder', () => {
    const config = configOf()
    const folder = prepareFolder(config, config.gcp!, undefined)
    placeState(folder, config.gcp!, undefined, true)
    expect(JSON.parse(there(folder, 'backend.tf.json'))).toEqual({
      terraform: { backend: { gcs: { bucket: 'a-shop-retail-tfstate', prefix: 'retail-retail' } } },
    })
    placeState(folder, config.gcp!, emulators, true)
    expect(there(folder, 'backend.tf.json')).toContain('http://127.0.0.1:1/storage/v1/')
    placeState(folder, config.gcp!, undefined, false)
    expect(existsSync(path.join(folder, 'backend.tf.json'))).toBe(false)
  })

  test('is found where the last run left it', () => {
    const folder = freshFolder()
    expect(stateIn(folder)).toBeUndefined()
    mkdirSync(path.join(folder, '.terraform'))
    writeFileSync(path.join(folder, '.terraform/terraform.tfstate'), '{"backend":{"type":"gcs"}}')
    expect(stateIn(folder)).toBe('bucket')
    writeFileSync(path.join(folder, 'terraform.tfstate'), '{"resources":[]}')
    expect(stateIn(folder)).toBe('bucket')
    writeFileSync(path.join(folder, 'terraform.tfstate'), '{"resources":[{}]}')
    expect(stateIn(folder)).toBe('folder')
  })
})
