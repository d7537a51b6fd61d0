import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const root = path.resolve(import.meta.dirname, '..')
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const about = JSON.parse(read('package.json')) as {
  version: string
  homepage: string
  bugs: { url: string }
  repository: { url: string }
  engines: { node: string }
  scripts: Record<string, string>
  publishConfig: object
}
const targets = new Set([...read('Makefile').matchAll(/^([a-z-]+):/gm)].map(([, name]) => name))

describe('the workflow of the repository', () => {
  const { jobs, permissions } = parse(read('.github/workflows/ci.yml')) as {
    permissions: object
    jobs: Record<string, { 'timeout-minutes': number; steps: { run?: string; with?: { runCmd?: string } }[] }>
  }
  const commands = Object.values(jobs).flatMap(({ steps }) =>
    steps.flatMap(({ run, with: input }) => run ?? input?.runCmd ?? []),
  )

  test('runs the checks that contributors run, reads only, and ends by itself', () => {
    expect(commands).toEqual(expect.arrayContaining(['make check', 'make test', 'make test-engines', 'make demo']))
    expect(permissions).toEqual({ contents: 'read' })
    for (const [name, job] of Object.entries(jobs)) expect(job['timeout-minutes'], name).toBeLessThanOrEqual(120)
  })

  test('names targets that the Makefile has', () => {
    for (const command of commands)
      for (const [, target] of command.matchAll(/\bmake ([a-z-]+)/g)) expect(targets, command).toContain(target)
  })
})

test('issue forms have what GitHub requires: name, description, and fields with distinct ids and labels', () => {
  const folder = path.join(root, '.github/ISSUE_TEMPLATE')
  const forms = readdirSync(folder).filter((name) => name !== 'config.yml')
  expect(forms).toEqual(['bug.yml', 'feature.yml'])
  for (const name of forms) {
    const form = parse(readFileSync(path.join(folder, name), 'utf8')) as {
      name: string
      description: string
      body: { type: string; id?: string; attributes: { label?: string } }[]
    }
    expect([form.name, form.description], name).toEqual([expect.any(String), expect.any(String)])
    const fields = form.body.filter(({ type }) => type !== 'markdown')
    expect(new Set(fields.map(({ id }) => id)).size, name).toBe(fields.length)
    for (const { attributes } of fields) expect(attributes.label, name).toMatch(/\S/)
  }
})

describe('the development environment', () => {
  const node = read('.node-version').trim()

  test('pins a Node release that the package supports, and the devcontainer has the same', () => {
    const atLeast = about.engines.node.match(/\d+/g)!.map(Number)
    const [major, minor] = node.split('.').map(Number)
    expect(major > atLeast[0] || (major === atLeast[0] && minor >= atLeast[1])).toBe(true)
    const { build } = JSON.parse(read('.devcontainer/devcontainer.json')) as { build: { dockerfile: string } }
    expect(read(`.devcontainer/${build.dockerfile}`)).toContain(`FROM node:${node}-bookworm\n`)
  })

  test('has in the devcontainer what `make demo` and `make test` need', () => {
    const dockerfile = read('.devcontainer/Dockerfile')
    for (const name of ['make', 'python3', 'python3-venv', 'chromium', 'zsh', 'fish'])
      expect(dockerfile).toMatch(new RegExp(`install .*\\b${name}\\b`))
  })
})

describe.each(['AGENTS.md', 'CONTRIBUTING.md', 'SECURITY.md', '.github/pull_request_template.md'])('%s', (file) => {
  const text = read(file)

  test('names make targets and npm scripts that exist', () => {
    for (const [, target] of text.matchAll(/(?:^|`)make ([a-z-]+)/gm)) expect(targets).toContain(target)
    for (const [, script] of text.matchAll(/npm run ([a-z:-]+)/g)) expect(Object.keys(about.scripts)).toContain(script)
  })

  test('names files and folders that exist', () => {
    for (const [, name] of text.matchAll(
      /`((?:bench|commands|dbt|docs|scripts|src|templates|terraform|test)\/[\w./-]*)`/g,
    ))
      expect(existsSync(path.join(root, name)), name).toBe(true)
  })

  test('names no address that may belong to somebody else', () =>
    expect(text.match(/https?:\/\/\S+|\S+@\S+\.\w+/g)).toBeNull())
})

test('only package.json and its lock hold the version', () => {
  const folders = ['.github', '.devcontainer', 'commands', 'dbt', 'docs', 'scripts', 'src', 'templates', 'terraform']
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(png|snap|lock|pyc)$|\.test\.ts$/.test(entry.name))
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))),
  )
  const mention = new RegExp(`retail-cli\\W{1,4}v?${about.version.replaceAll('.', '\\.')}\\b`)
  for (const file of [...files, 'README.md', 'AGENTS.md', 'CONTRIBUTING.md', 'SECURITY.md', 'Makefile'])
    expect(mention.test(read(file)), file).toBe(false)
})

test('CHANGELOG.md has the form of Keep a Changelog, and a section for the version of the package', () => {
  const heads = read('CHANGELOG.md').match(/^## .*$/gm)!
  expect(heads[0]).toBe('## [Unreleased]')
  for (const head of heads.slice(1)) expect(head).toMatch(/^## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/)
  expect(heads[1]).toContain(`[${about.version}]`)
  const kinds = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']
  for (const [, kind] of read('CHANGELOG.md').matchAll(/^### (.*)$/gm)) expect(kinds).toContain(kind)
})

test('AGENTS.md is one page', () => expect(read('AGENTS.md').split('\n').length).toBeLessThanOrEqual(80))

test('the addresses of the package are one address, and nobody owns it until a release has a real one', () => {
  const repository = about.repository.url.replace(/^git\+/, '')
  const { host } = new URL(repository)
  for (const address of [about.homepage, about.bugs.url]) expect(new URL(address).host).toBe(host)
  // RFC 2606 reserves .example: nobody can register it.
  expect(host).toMatch(/\.example$/)
  expect(about.publishConfig).toEqual({ access: 'public', provenance: true })
})
