import { describe, expect, test } from 'vitest'
import { VERSION } from '../version.ts'
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

  test('names our version wherever it names one', () => {
    for (const { path, text } of files) {
      expect(text, path).not.toMatch(/@[A-Z]+_VERSION@/)
      for (const [, version] of text.matchAll(/retail-cli[@-](\d+\.\d+\.\d+)/g)) expect(version, path).toBe(VERSION)
    }
  })
})
