import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { packageFolder } from './package-folder.ts'

test('the package is found from its sources and from what is built', () => {
  const root = packageFolder()
  expect(existsSync(path.join(root, 'dbt', 'dbt_project.yml'))).toBe(true)
  expect(packageFolder(path.join(root, 'dist', 'src', 'tools', 'package-folder.js'))).toBe(root)
})
