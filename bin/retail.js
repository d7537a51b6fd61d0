#!/usr/bin/env node
const words = process.argv.slice(2)
// What only prints a text needs few modules, which load faster than the bundle of all. A stream generates rows in this thread, in
// which modules are faster (see src/pipeline/workers.ts).
const MODULES = /^(--help|-h|--version|-V|help|completion|stream)$/
const { main } =
  words.length === 0 || words.some((word) => MODULES.test(word))
    ? await import('../dist/commands/main.js')
    : (await import('../dist/commands/compiled.js')).load('main')

process.exitCode = await main(words)
// The command has finished. Exit now: an abandoned call that a server never answers would keep the process alive.
setInterval(() => process.stdout.writableLength === 0 && process.exit(), 250).unref()
