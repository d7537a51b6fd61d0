#!/usr/bin/env node
const words = process.argv.slice(2)
// What only prints a text needs few modules: they load faster than the whole program.
const prints = words.length === 0 || words.some((word) => /^(--help|-h|--version|-V|help|completion)$/.test(word))
const { main } = prints
  ? await import('../dist/commands/main.js')
  : (await import('../dist/commands/compiled.js')).load('main')

process.exitCode = await main(words)
// The command has finished. Exit now: an abandoned call that a server never answers would keep the process alive.
setInterval(() => process.stdout.writableLength === 0 && process.exit(), 250).unref()
