// npm omits optional packages of other platforms from package-lock.json if the registry lacks them, and `npm ci` then rejects the
// lockfile. Run this after every change of dependencies: it adds each with its exact version, os, and cpu; npm skips those of other platforms.
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))
const known = {
  os: ['android', 'darwin', 'linux', 'win32', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'aix', 'openharmony'],
}

/** `@scope/name-darwin-arm64` → its platform, in the form of its own package.json. */
function platformOf(name) {
  const words = name.split(/[-/]/)
  const os = known.os.find((candidate) => words.includes(candidate))
  const cpu = ['arm64', 'x64', 'ia32', 'arm', 'riscv64', 's390x', 'ppc64', 'loong64', 'mips64el', 'wasm32'].find(
    (candidate) => words.includes(candidate),
  )
  return {
    ...(cpu && { cpu: [cpu] }),
    ...(os && { os: [os] }),
    ...(os === 'linux' && { libc: [words.includes('musl') ? 'musl' : 'glibc'] }),
  }
}

let added = 0
for (const about of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(about.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`
    if (lock.packages[key] || !/^\d/.test(version)) continue
    lock.packages[key] = { version, ...platformOf(name), ...(about.dev && { dev: true }), optional: true }
    added++
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added} packages added`)
