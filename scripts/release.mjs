// Makes a release from the committed tree, in release/: the package, SHA256SUMS, and notes from CHANGELOG.md. Nothing is published.
//   npm run release -- prepare 0.2.0                            raise the version and date the Unreleased section
//   npm run release -- [--repository URL] [--out DIR]           make the release
// The version is in package.json. The address of the repository is --repository, or GitHub's variables, or the remote `origin`.
// A package without an address is marked private, so that npm refuses to publish it.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

const root = path.resolve(import.meta.dirname, '..')
const at = (file) => path.join(root, file)
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'))
const writeJson = (file, value) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
const run = (file, args, cwd = root) => execFileSync(file, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 })

function fail(message, hint) {
  console.error(`error: ${message}\n  ${hint}`)
  process.exit(2)
}

/** The text of a section of CHANGELOG.md, or undefined when it has none. */
function sectionOf(changelog, name) {
  const head = new RegExp(`^## \\[${name.replaceAll('.', '\\.')}\\].*$`, 'm').exec(changelog)
  if (!head) return undefined
  const rest = changelog.slice(head.index + head[0].length)
  return rest.split(/^## /m)[0].trim()
}

/** https://github.com/owner/name for every spelling of it: with .git, with git+, or as git@github.com:owner/name. */
function webAddress(text) {
  const address = text
    .trim()
    .replace(/^git\+/, '')
    .replace(/^git@([^:]+):/, 'https://$1/')
    .replace(/^ssh:\/\/git@/, 'https://')
    .replace(/\.git$/, '')
    .replace(/\/$/, '')
  return /^https:\/\/[^/]+\/.+/.test(address) ? address : undefined
}

function repositoryOf(flag) {
  if (flag)
    return webAddress(flag) ?? fail(`--repository: ${flag} is not an https address`, 'pass https://HOST/OWNER/NAME')
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env
  if (GITHUB_SERVER_URL && GITHUB_REPOSITORY) return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`
  const remotes = run('git', ['remote']).split('\n')
  return remotes.includes('origin') ? webAddress(run('git', ['remote', 'get-url', 'origin'])) : undefined
}

/** What the released package.json says about the repository. */
function addressed(about, address) {
  if (address)
    return {
      ...about,
      homepage: `${address}#readme`,
      bugs: { url: `${address}/issues` },
      repository: { type: 'git', url: `git+${address}.git` },
    }
  const { homepage, bugs, repository, publishConfig, ...rest } = about
  return { ...rest, private: true }
}

function prepare(version) {
  if (!/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/.test(version ?? ''))
    fail(`${version ?? 'no version'} is not a version`, 'run: npm run release -- prepare 0.2.0')
  const changelog = readFileSync(at('CHANGELOG.md'), 'utf8')
  if (sectionOf(changelog, version) !== undefined)
    fail(`CHANGELOG.md already has a section ${version}`, 'choose a later version')
  if (!sectionOf(changelog, 'Unreleased'))
    fail('CHANGELOG.md has nothing under Unreleased', 'there is nothing to release')
  const today = new Date().toISOString().slice(0, 10)
  writeFileSync(
    at('CHANGELOG.md'),
    changelog.replace(/^## \[Unreleased\].*$/m, `## [Unreleased]\n\n## [${version}] - ${today}`),
  )
  writeJson(at('package.json'), { ...readJson(at('package.json')), version })
  const lock = readJson(at('package-lock.json'))
  lock.packages[''].version = version
  writeJson(at('package-lock.json'), { ...lock, version })
  console.log(
    `Prepared ${version}. Review and commit package.json, package-lock.json and CHANGELOG.md, then: npm run release`,
  )
}

function release({ repository, out = 'release' }) {
  const { version } = readJson(at('package.json'))
  const changed = run('git', ['status', '--porcelain'])
  if (changed) fail('the tree has changes that are not committed', `commit or remove them:\n${changed.trimEnd()}`)
  const changelog = readFileSync(at('CHANGELOG.md'), 'utf8')
  if (sectionOf(changelog, 'Unreleased'))
    fail('CHANGELOG.md has entries under Unreleased', 'run: npm run release -- prepare VERSION')
  const notes = sectionOf(changelog, version)
  if (!notes) fail(`CHANGELOG.md has no section ${version}`, 'run: npm run release -- prepare VERSION')
  const address = repositoryOf(repository)

  const folder = path.resolve(root, out)
  mkdirSync(folder, { recursive: true })
  const copy = mkdtempSync(path.join(tmpdir(), 'retail-release-'))
  try {
    execFileSync('tar', ['-x', '-C', copy], {
      input: execFileSync('git', ['archive', 'HEAD'], { cwd: root, maxBuffer: 1 << 28 }),
    })
    if (existsSync(at('node_modules'))) symlinkSync(at('node_modules'), path.join(copy, 'node_modules'))
    writeJson(path.join(copy, 'package.json'), addressed(readJson(path.join(copy, 'package.json')), address))
    const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], copy))
    const sum = createHash('sha256')
      .update(readFileSync(path.join(folder, filename)))
      .digest('hex')
    writeFileSync(path.join(folder, 'SHA256SUMS'), `${sum}  ${filename}\n`)
    writeFileSync(path.join(folder, 'NOTES.md'), `# retail ${version}\n\n${notes}\n`)
    console.log(`${path.join(folder, filename)}\n  sha256 ${sum}`)
    console.log(
      address
        ? `  repository ${address}`
        : '  no repository address: npm refuses to publish this package. Pass --repository URL',
    )
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { repository: { type: 'string' }, out: { type: 'string' } },
})
if (positionals[0] === 'prepare') prepare(positionals[1])
else if (positionals.length > 0)
  fail(`unknown step ${positionals[0]}`, 'run: npm run release, or npm run release -- prepare VERSION')
else release(values)
