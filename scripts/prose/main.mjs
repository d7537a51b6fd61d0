#!/usr/bin/env node
// `npm run prose [files]`: checks the English of the given files, or of all files that git tracks.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { lint } from './lint.mjs'

/** Snapshots of generated code, the vocabulary and its test, and the license. */
const SKIP =
  /(^|\/)(row-writer|row-code|flip|integers|completion)\.test\.ts\.snap$|^scripts\/prose\/vocabulary\.yaml$|^src\/prose\.test\.ts$|^docs\/samples\/|^LICENSE$/

const named = process.argv.slice(2)
const files = named.length ? named : execFileSync('git', ['ls-files'], { encoding: 'utf8' }).trim().split('\n')
const found = []
for (const file of files)
  if (!SKIP.test(file) && existsSync(file)) found.push(...(await lint(file, readFileSync(file, 'utf8'))))
for (const { file, line, message } of found) console.error(`${file}:${line}: ${message}`)
if (found.length) console.error(`${found.length} phrases to rewrite; scripts/prose/vocabulary.yaml has the words`)
process.exitCode = found.length ? 1 : 0
