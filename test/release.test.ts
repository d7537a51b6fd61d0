import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { freshFolder } from './tool.ts'

const root = path.resolve(import.meta.dirname, '..')

/** A repository with a small package and our release script. */
function repository(changelog: string) {
  const folder = freshFolder()
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text)
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8')
  mkdirSync(path.join(folder, 'scripts'))
  cpSync(path.join(root, 'scripts/release.mjs'), path.join(folder, 'scripts/release.mjs'))
  const { homepage, bugs, repository, publishConfig } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  )
  const about = {
    name: 'retail-cli',
    version: '0.1.0',
    files: ['README.md'],
    homepage,
    bugs,
    repository,
    publishConfig,
  }
  write('package.json', JSON.stringify(about))
  write('package-lock.json', '{ "name": "retail-cli", "version": "0.1.0", "packages": { "": { "version": "0.1.0" } } }')
  write('README.md', '# retail\n')
  write('CHANGELOG.md', changelog)
  write('.gitignore', '/release/\n')
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b.example', ...args], { cwd: folder })
  const commit = () => {
    git('add', '.')
    git('commit', '--quiet', '--message', 'Change')
  }
  git('init', '--quiet')
  commit()
  const env = { ...process.env, GITHUB_REPOSITORY: '' }
  const release = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/release.mjs', ...args], {
      ...{ cwd: folder, env, encoding: 'utf8' },
    })
    return { code: status, stdout, stderr }
  }
  const packaged = () =>
    JSON.parse(
      execFileSync('tar', ['-xOf', `release/${tarball()}`, 'package/package.json'], { cwd: folder, encoding: 'utf8' }),
    )
  const tarball = () => readdirSync(path.join(folder, 'release')).find((name) => name.endsWith('.tgz'))!
  return { folder, read, write, git, commit, release, packaged, tarball }
}

const CHANGELOG = `# Changelog

## [Unreleased]

### Added

- A thing.

## [0.1.0] - 2026-01-01

- The first release.
`

test('a release is prepared, committed, and made: package, checksum, and notes of its section', () => {
  const { folder, read, commit, release, packaged, tarball } = repository(CHANGELOG)
  expect(release('prepare', '0.2.0')).toMatchObject({ code: 0, stderr: '' })
  expect(read('CHANGELOG.md')).toMatch(/## \[Unreleased\]\n\n## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n/)
  for (const file of ['package.json', 'package-lock.json']) expect(JSON.parse(read(file)).version).toBe('0.2.0')
  commit()

  const made = release('--repository', 'git@code.example:shop/retail.git')
  expect(made, made.stderr).toMatchObject({ code: 0, stderr: '' })
  expect(tarball()).toBe('retail-cli-0.2.0.tgz')
  const sum = createHash('sha256')
    .update(readFileSync(path.join(folder, 'release', tarball())))
    .digest('hex')
  expect(read('release/SHA256SUMS')).toBe(`${sum}  retail-cli-0.2.0.tgz\n`)
  expect(read('release/NOTES.md')).toBe('# retail 0.2.0\n\n### Added\n\n- A thing.\n')
  expect(packaged()).toMatchObject({
    homepage: 'https://code.example/shop/retail#readme',
    bugs: { url: 'https://code.example/shop/retail/issues' },
    repository: { type: 'git', url: 'git+https://code.example/shop/retail.git' },
    publishConfig: { access: 'public', provenance: true },
  })
  release('--repository', 'https://code.example/shop/retail')
  expect(read('release/SHA256SUMS')).toContain(sum)
})

test('a package without a real address is private: npm does not publish it', () => {
  const { folder, commit, release, packaged, tarball } = repository(CHANGELOG)
  release('prepare', '0.2.0')
  commit()
  const made = release()
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('npm refuses to publish this package') })
  expect(packaged()).toMatchObject({ private: true })
  expect(packaged()).not.toHaveProperty('repository')
  // Nothing listens there: npm looks at the package before it connects.
  const nowhere = ['--registry', 'http://127.0.0.1:9/', '--//127.0.0.1:9/:_authToken=x', '--fetch-retries=0']
  const published = spawnSync('npm', ['publish', ...nowhere, `./release/${tarball()}`], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect([published.status, published.stderr]).toEqual([1, expect.stringContaining('EPRIVATE')])
})

test('the address comes from the remote `origin`', () => {
  const { git, commit, release, packaged } = repository(CHANGELOG)
  release('prepare', '0.2.0')
  commit()
  git('remote', 'add', 'origin', 'https://code.example/shop/retail.git')
  expect(release().code).toBe(0)
  expect(packaged().bugs).toEqual({ url: 'https://code.example/shop/retail/issues' })
})

test.each([
  ['entries that no version has', CHANGELOG, [], 'entries under Unreleased'],
  [
    'a version without a section',
    CHANGELOG.replace('- A thing.', '').replace('### Added', '').replace('[0.1.0]', '[0.0.9]'),
    [],
    'no section 0.1.0',
  ],
  ['a version that exists', CHANGELOG, ['prepare', '0.1.0'], 'already has a section 0.1.0'],
  ['an invalid version', CHANGELOG, ['prepare', 'next'], 'next is not a version'],
  [
    'an invalid address',
    CHANGELOG.replace(/### Added\n\n- A thing\.\n/, ''),
    ['--repository', 'retail'],
    'not an https address',
  ],
  ['a step that does not exist', CHANGELOG, ['publish'], 'unknown step publish'],
])('refuses %s and writes nothing', (_what, changelog, args, message) => {
  const { git, release } = repository(changelog)
  expect(release(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) })
  expect(`${git('status', '--porcelain', '--ignored')}`).toBe('')
})

test('refuses changes that are not committed, by name', () => {
  const { write, release } = repository(CHANGELOG.replace(/### Added\n\n- A thing\.\n/, ''))
  write('README.md', '# changed\n')
  expect(release()).toMatchObject({ code: 2, stderr: expect.stringContaining('README.md') })
})
