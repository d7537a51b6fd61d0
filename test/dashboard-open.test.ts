import { chmodSync, existsSync, readFileSync, watch, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import type { StopSignal } from '../commands/io.ts'
import { closeShop, openShop } from './dashboard-shop.ts'
import { freshFolder, retail } from './front-door.ts'
import { pythonHome } from './tool.ts'

let folder: string
beforeAll(async () => void (folder = await openShop({ stores: 5, products: 30, lines: 20, to: '2024-02-10' })))
afterAll(() => folder && closeShop(folder))

/** A folder with programs that write down what they are asked to show, in the place of those that would show it. */
function fakeOpener(): { file: string; shown: Promise<string> } {
  const bin = freshFolder()
  const file = path.join(bin, 'shown')
  for (const name of ['xdg-open', 'open']) {
    writeFileSync(path.join(bin, name), `#!/bin/sh\nprintf %s "$1" > ${file}.part && mv ${file}.part ${file}\n`)
    chmodSync(path.join(bin, name), 0o755)
  }
  // What runs another program takes these from the process, not from who asked.
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`)
  vi.stubEnv('RETAIL_PYTHON_HOME', pythonHome)
  const shown = new Promise<string>((resolve) => {
    const watcher = watch(bin, () => {
      if (!existsSync(file)) return
      watcher.close()
      resolve(readFileSync(file, 'utf8'))
    })
    onTestFinished(() => {
      watcher.close()
      vi.unstubAllEnvs()
    })
  })
  return { file, shown }
}

test.each([
  ['dashboard --open --port 0 --year 2024', () => folder],
  ['demo --size tiny --seconds 1 --open', freshFolder],
])('%s shows the page in the browser of who sits there, until Ctrl-C', async (line, place) => {
  const { shown } = fakeOpener()
  let send: (signal: StopSignal) => void = () => {}
  const ended = retail(line, {
    cwd: place(),
    terminal: true,
    env: { RETAIL_NO_INPUT: '1' },
    onStart: (sender) => {
      send = sender
    },
  })
  const url = await Promise.race([shown, ended.then(({ stderr }) => Promise.reject(new Error(stderr)))])
  const page = await fetch(url)
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<title>US retail')])
  if (line.includes('--year')) expect(url).toMatch(/\?year=2024$/)
  send('SIGINT')
  const { code, stderr } = await ended
  expect([code, stderr]).toEqual([130, expect.stringContaining(`Dashboard at ${url}`)])
})

test('nothing is opened where nobody sits', async () => {
  const { file } = fakeOpener()
  const { code } = await retail('dashboard --open --port 0 --duration 300ms', { cwd: folder })
  expect([code, existsSync(file)]).toEqual([0, false])
})
