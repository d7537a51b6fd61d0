import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { credentialsOf } from './credentials.ts'
import { emulatorsOf } from './emulators.ts'
import type { Config } from './schema.ts'

let [workspace, elsewhere] = ['', '']
beforeEach(() => {
  ;[workspace, elsewhere] = [freshFolder(), freshFolder()]
  writeFileSync(path.join(elsewhere, 'key.json'), '{}')
})
const configOf = (gcp: object) => ({ workspace, gcp }) as unknown as Config

describe('credentials', () => {
  test('are those of the machine when nobody names others', () => {
    expect(credentialsOf(configOf({}), {})).toEqual({ file: undefined, impersonate: undefined })
  })

  test('of the config stand over those of the environment', () => {
    const mine = path.join(elsewhere, 'mine.json')
    writeFileSync(mine, '{}')
    const env = {
      GOOGLE_APPLICATION_CREDENTIALS: path.join(elsewhere, 'key.json'),
      GOOGLE_IMPERSONATE_SERVICE_ACCOUNT: 'a@p.iam.gserviceaccount.com',
    }
    expect(credentialsOf(configOf({}), env)).toEqual({
      file: env.GOOGLE_APPLICATION_CREDENTIALS,
      impersonate: env.GOOGLE_IMPERSONATE_SERVICE_ACCOUNT,
    })
    const impersonate = 'b@p.iam.gserviceaccount.com'
    expect(credentialsOf(configOf({ credentials: mine, impersonate }), env)).toEqual({ file: mine, impersonate })
  })

  test('that are not there are named', () => {
    expect(() => credentialsOf(configOf({ credentials: '/nowhere/key.json' }), {})).toThrow('does not exist')
    expect(() => credentialsOf(configOf({}), { GOOGLE_APPLICATION_CREDENTIALS: elsewhere })).toThrow('does not exist')
  })

  test('inside the workspace are refused, by whatever road they are named', () => {
    mkdirSync(path.join(workspace, 'keys'))
    writeFileSync(path.join(workspace, 'keys/key.json'), '{}')
    symlinkSync(path.join(workspace, 'keys'), path.join(elsewhere, 'link'))
    for (const credentials of ['keys/key.json', path.join(elsewhere, 'link/key.json')])
      expect(() => credentialsOf(configOf({ credentials }), {})).toThrow('is inside the workspace')
    const env = { GOOGLE_APPLICATION_CREDENTIALS: path.join(workspace, 'keys/key.json') }
    expect(() => credentialsOf(configOf({}), env)).toThrow('is inside the workspace')
  })
})

describe('emulators', () => {
  const all = {
    STORAGE_EMULATOR_HOST: 'http://127.0.0.1:1/',
    PUBSUB_EMULATOR_HOST: '127.0.0.1:2',
    RETAIL_BIGQUERY_ENDPOINT: 'http://127.0.0.1:3',
  }

  test('are named by the variables of their own tools', () => {
    expect(emulatorsOf(all)).toEqual({
      storage: 'http://127.0.0.1:1',
      pubsub: 'http://127.0.0.1:2',
      bigquery: 'http://127.0.0.1:3',
    })
    expect(emulatorsOf({})).toBeUndefined()
  })

  test('are all there or none', () => {
    expect(() => emulatorsOf({ ...all, PUBSUB_EMULATOR_HOST: '' })).toThrow('PUBSUB_EMULATOR_HOST is not set')
  })
})
