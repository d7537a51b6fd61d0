#!/usr/bin/env node
import { main } from '../dist/commands/main.js'

process.exitCode = await main(process.argv.slice(2))
// The command has finished. Exit now: an abandoned call that a server never answers would keep the process alive.
setInterval(() => process.stdout.writableLength === 0 && process.exit(), 250).unref()
