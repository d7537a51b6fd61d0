import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type DocumentName, documentPath } from './documents.ts'

const root = path.resolve(import.meta.dirname, '..')
const sources = ['src', 'commands'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ts$/.test(file) && !/\.(test|contract)\.ts$/.test(file))
    .map((file) => path.join(folder, file)),
)
const COMMENT = /^\s*(\/\/|\/?\*)/

test.each(['docs/gcp.md', 'docs/scale.md'] satisfies DocumentName[])('%s is in the package', (name) => {
  expect(path.isAbsolute(documentPath(name))).toBe(true)
  expect(readFileSync(documentPath(name), 'utf8')).toMatch(/^# /)
})

test('no message refers to a document by a relative path, which an installed tool does not have', () => {
  const found = sources
    .filter((file) => file !== 'src/documents.ts')
    .flatMap((file) =>
      readFileSync(path.join(root, file), 'utf8')
        .split('\n')
        .filter((line) => !COMMENT.test(line))
        .map((line) => line.replaceAll(/documentPath\('[^']*'\)/g, ''))
        .filter((line) => /\b(docs\/)?\w+\.md\b/.test(line) && !/README|CHANGELOG/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    )
  expect(found).toEqual([])
})
