import { describe, expect, test } from 'vitest'
import { VERSION } from '../version.ts'
import { PACKAGE_FILE } from './package-file.ts'
import { templateFiles, templateNames } from './templates.ts'

const A_PAGE = { lines: 50, characters: 4_500 }

describe.each(templateNames)('the template %s', (name) => {
  const files = templateFiles(name)
  const readmes = files.filter(({ path }) => path.endsWith('README.md'))

  test('has one README of at most a page, which begins with the two commands that start it', () => {
    expect(readmes).toHaveLength(1)
    const [{ text }] = readmes
    expect(text.split('\n').length).toBeLessThanOrEqual(A_PAGE.lines)
    expect(text.length).toBeLessThanOrEqual(A_PAGE.characters)
    const [, commands] = /^# .*\n\n```sh\n([^`]*)```/.exec(text) ?? []
    expect(commands?.trim().split('\n')).toHaveLength(2)
  })

  test('installs retail from the package beside it, never by a name that may be somebody else’s', () => {
    for (const { path, text } of files)
      for (const [install] of text.matchAll(/(npm (install|i)|npx)\b.*retail-cli\S*/g))
        expect(install, path).toMatch(new RegExp(`/${PACKAGE_FILE}`))
  })

  test('names our version wherever it names one', () => {
    for (const { path, text } of files) {
      expect(text, path).not.toMatch(/@[A-Z]+_(VERSION|PACKAGE)@/)
      for (const [, version] of text.matchAll(/retail-cli[@-](\d+\.\d+\.\d+)/g)) expect(version, path).toBe(VERSION)
    }
  })
})
