import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { templateFiles } from '../../src/pipeline/templates.ts'
import { retail, workspace } from '../tool.ts'
import { engine } from './python.ts'

const root = path.resolve(import.meta.dirname, '../..')
const dockerfile = templateFiles('docker').find(({ path }) => path === 'Dockerfile')!.text

function freshFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-docker-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function run(cwd: string, file: string, args: readonly string[], env = {}) {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8' })
  return { code: status, text: `${stdout}${stderr}` }
}

/** The RUN steps of a stage, each as one line of shell, without what only a builder reads. */
function stepsOf(stage: string): string[] {
  const lines = stage
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
  return lines.filter((line) => line.startsWith('RUN ')).map((line) => line.slice(4).replace(/^--mount=\S+ +/, ''))
}

test('hadolint finds nothing in the Dockerfile', async () => {
  const python = await engine('test/engines/hadolint.lock')
  const folder = workspace()
  expect((await retail(folder, 'init --yes --with docker --force')).code).toBe(0)
  const { code, text } = run(folder, path.join(path.dirname(python), 'hadolint'), ['Dockerfile'])
  expect([code, text]).toEqual([0, ''])
})

test('the image has two stages, no user with rights, an entrypoint and a health check', () => {
  const [, build, final] = dockerfile.replaceAll(/^#.*\n/gm, '').split(/^FROM /m)
  expect(build).toMatch(/^\$\{BASE\} AS build\n/)
  expect(final).toMatch(/^\$\{BASE\}\n/)
  expect(final).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
  expect(final).toMatch(/^ENTRYPOINT \["retail"\]$/m)
  expect(final).toMatch(/^HEALTHCHECK .*CMD \["retail", "status"/m)
  expect(final).not.toMatch(/npm|pip|gcc|make/)
})

test('its build steps make a tool that works, in a clean folder', () => {
  const folder = freshFolder()
  const [image, context, copy] = ['opt/retail', 'context', 'copy'].map((name) => path.join(folder, name))
  for (const each of [image, context, copy]) mkdirSync(each, { recursive: true })
  const { version, files } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string
    files: string[]
  }
  for (const name of [...files, 'package.json'])
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true })
  const packed = run(copy, 'npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', context])
  expect(packed.code, packed.text).toBe(0)

  const steps = stepsOf(dockerfile.split(/^FROM /m)[1]).filter((step) => !step.startsWith('apt-get'))
  expect(steps).toHaveLength(2)
  const RETAIL_PACKAGE = path.join(context, `retail-cli-${version}.tgz`)
  for (const step of steps) {
    const { code, text } = run(image, 'bash', ['-o', 'pipefail', '-c', step.replaceAll('/opt/retail', image)], {
      RETAIL_PACKAGE,
    })
    expect(code, text).toBe(0)
  }

  const shop = path.join(folder, 'workspace')
  mkdirSync(shop)
  const env = { RETAIL_PYTHON_HOME: path.join(image, 'python'), PIP_INDEX_URL: 'http://127.0.0.1:9/simple' }
  const tool = path.join(image, 'node_modules/.bin/retail')
  const world = [
    '--stores',
    '4',
    '--products',
    '30',
    '--lines-per-store-day',
    '10',
    '--from',
    '2024-01-01',
    '--to',
    '2024-01-05',
  ]
  for (const args of [
    ['init', ...world, '--yes'],
    ['seed-dims'],
    ['backfill'],
    ['transform'],
    ['verify'],
    ['status', '--quiet'],
  ]) {
    const { code, text } = run(shop, tool, args, env)
    expect([args[0], code], text).toEqual([args[0], 0])
  }
  expect(existsSync(path.join(shop, '.retail/python'))).toBe(false)
})
