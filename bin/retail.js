#!/usr/bin/env node
import { main } from '../dist/commands/main.js'

process.exitCode = await main(process.argv.slice(2))
// All is done: a call that was given up, and that a server never answers, must not keep us.
setInterval(() => process.stdout.writableLength === 0 && process.exit(), 250).unref()
