import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { changedConfigText, newConfigText } from '../config/document.ts'
import { loadConfig } from '../config/load.ts'
import { planInit, writeInit } from './init.ts'

const there = (workspace: string, name = 'retail.yaml') => readFileSync(path.join(workspace, name), 'utf8')

describe('a new workspace', () => {
  test('has a retail.yaml that explains itself and means the defaults', () => {
    const workspace = freshFolder()
    writeInit(workspace, planInit(workspace, {}))
    expect(there(workspace)).toMatchSnapshot()
    const { workspace: _, ...defaults } = loadConfig({ cwd: freshFolder(), env: {} }).config
    expect(loadConfig({ cwd: workspace, env: {} }).config).toEqual({ ...defaults, workspace })
    expect(there(workspace, '.gitignore')).toBe('.retail/\n*.duckdb\n*.duckdb.wal\n/lake/\n.env\n.venv/\n')
    expect(JSON.parse(there(workspace, '.retail/retail.schema.json')).title).toBe('retail.yaml')
  })

  test('holds the answers', () => {
    expect(newConfigText({ 'world.stores': 3, 'history.to': '2024-01-31' })).toContain('stores: 3 # number of stores')
  })

  test('is only planned until it is written', () => {
    const workspace = path.join(freshFolder(), 'new')
    expect(writeInit(workspace, planInit(workspace, {}), { dryRun: true }).files.map(({ action }) => action)).toEqual([
      'new',
      'new',
      'new',
    ])
    expect(existsSync(workspace)).toBe(false)
  })

  test('leaves no temporary file', () => {
    const workspace = freshFolder()
    writeInit(workspace, planInit(workspace, {}))
    expect(readdirSync(workspace).sort()).toEqual(['.gitignore', '.retail', 'retail.yaml'])
  })
})

describe('a workspace that was there', () => {
  const own = '# mine\nworld:\n  stores: 12   # a dozen\n  products: 50\n\n# until here\nhistory: { to: 2024-01-31 }\n'

  test('keeps comments, order and everything not asked about', () => {
    expect(changedConfigText(own, { 'world.stores': 13, 'world.products': 50, seed: 7 })).toBe(
      '# mine\nworld:\n  stores: 13 # a dozen\n  products: 50\n\n# until here\nhistory: { to: 2024-01-31 }\nseed: 7\n',
    )
  })

  test('stays byte-identical when nothing changes', () => {
    expect(changedConfigText(own, { 'world.stores': 12, 'history.to': '2024-01-31' })).toBe(own)
    const workspace = freshFolder()
    writeInit(workspace, planInit(workspace, {}))
    expect(writeInit(workspace, planInit(workspace, {})).files.map(({ action }) => action)).toEqual([
      'kept',
      'kept',
      'kept',
    ])
  })

  test('keeps its own .gitignore and gets the lines that are missing', () => {
    const workspace = freshFolder()
    writeFileSync(path.join(workspace, '.gitignore'), 'node_modules\n.retail/')
    writeInit(workspace, planInit(workspace, {}))
    expect(there(workspace, '.gitignore')).toBe(
      'node_modules\n.retail/\n*.duckdb\n*.duckdb.wal\n/lake/\n.env\n.venv/\n',
    )
  })
})
