import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '..')
const files = ['src', 'commands'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => path.join(folder, file)),
)

/** A handler that takes no error treats all of them alike: EIO and EACCES, too. */
const SWALLOWS = /\bcatch \{|\.catch\(\(\) =>/
const isComment = (line: string | undefined): boolean => /^\s*(\/\/|\/\*\*|\*)/.test(line ?? '')

test('who swallows every error says in a comment beside it why each of them may be forgotten', () => {
  const bare = files.flatMap((file) => {
    const lines = readFileSync(path.join(root, file), 'utf8').split('\n')
    return lines.flatMap((line, i) =>
      SWALLOWS.test(line) && !isComment(lines[i - 1]) && !isComment(lines[i + 1]) && !isComment(lines[i - 2])
        ? [`${file}:${i + 1}: ${line.trim()}`]
        : [],
    )
  })
  expect(bare).toEqual([])
})
