import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { packageFolder } from '../tools/package-folder.ts'
import { packageFile, packedFiles } from './package-file.ts'

const tar = (folder: string, ...args: string[]) => execFileSync('tar', args, { cwd: folder, encoding: 'utf8' })

test('the package is a tar file of every packed file, byte for byte, with long names and programs', () => {
  const folder = freshFolder()
  writeFileSync(path.join(folder, 'retail.tgz'), packageFile())
  // GNU tar warns of what it cannot trust, and a warning ends this.
  expect(tar(folder, '-xzf', 'retail.tgz')).toBe('')
  const names = packedFiles(packageFolder())
  expect(names).toEqual(
    expect.arrayContaining(['package.json', 'bin/retail.js', 'dist/commands/main.js', 'docs/gcp.md']),
  )
  expect(tar(folder, '-tzf', 'retail.tgz').trim().split('\n')).toEqual(names.map((name) => `package/${name}`))
  for (const name of names)
    expect(
      readFileSync(path.join(folder, 'package', name)).equals(readFileSync(path.join(packageFolder(), name))),
      name,
    ).toBe(true)
})

test('has what npm packs, and leaves out what runs leave behind', () => {
  const folder = freshFolder()
  const write = (name: string, text = '') => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  write(
    'package.json',
    '{ "name": "x", "version": "1.0.0", "files": ["bin", "dbt", "docs/*.md", "README.md", "LICENSE"] }',
  )
  for (const name of ['bin/a.js', 'bin/b/c.js', 'dbt/run.py', 'docs/a.md', 'README.md', 'src/no.ts']) write(name)
  for (const name of [
    'dbt/__pycache__/run.cpython-311.pyc',
    'dbt/target/x.json',
    'dbt/logs/dbt.log',
    'docs/a.png',
    'bin/.DS_Store',
  ])
    write(name)
  expect(packedFiles(folder)).toEqual([
    'README.md',
    'bin/a.js',
    'bin/b/c.js',
    'dbt/run.py',
    'docs/a.md',
    'package.json',
  ])
})
