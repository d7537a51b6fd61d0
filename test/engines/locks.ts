/** A pinned package of a requirements.lock. */
export interface Pin {
  name: string
  version: string
  /** where it is needed; '': everywhere */
  marker: string
  hashes: string[]
}

/** The pins of what `uv pip compile --generate-hashes` wrote. */
export function pinsOf(lock: string): Pin[] {
  const lines = lock
    .replaceAll(/^ *#.*\n/gm, '')
    .replaceAll(/ *\\\n */g, ' ')
    .split('\n')
  return lines.filter(Boolean).map((line) => {
    const [, name, version, rest] = /^([\w.-]+)==(\S+)(.*)$/.exec(line)!
    const marker = /^ *; (.*?)(?= --hash|$)/.exec(rest)?.[1] ?? ''
    return { name, version, marker, hashes: [...rest.matchAll(/--hash=(\S+)/g)].map(([, hash]) => hash) }
  })
}

/** What a template's requirements.in asks for. */
export const wantedOf = (requirements: string): string[] =>
  requirements.split('\n').filter((line) => line && !line.startsWith('#'))

export interface LockSource {
  name: string
  /** requirements.in */
  wanted: string
  /** requirements.lock */
  lock: string
  /** of Python */
  from: string
  before: string
  /** of the Pipfile, as pipenv computes it: it has the address of a package index in it */
  pipfileHash: string
}

/** For `uv sync`: no version but the locked one can be chosen. uv.lock would name a package index, which is the user's choice. */
export function pyprojectOf({ name, wanted, lock, from, before }: LockSource): string {
  const pins = pinsOf(lock).map(({ name, version, marker }) => `${name}==${version}${marker && ` ; ${marker}`}`)
  const list = (lines: readonly string[]) => `[\n${lines.map((line) => `  ${JSON.stringify(line)},\n`).join('')}]`
  return `# For \`uv sync\`; made from requirements.lock, which pins every package.
[project]
name = "${name}"
version = "0"
requires-python = ">=${from},<${before}"
dependencies = ${list(wantedOf(wanted))}

[tool.uv]
package = false
constraint-dependencies = ${list(pins)}
`
}

export const pipfileOf = ({ wanted }: LockSource): string =>
  `# For \`pipenv sync\`; made from requirements.lock, as Pipfile.lock is.
[packages]
${wantedOf(wanted)
  .map((line) => line.replace(/^([\w.-]+)(.*)$/, '$1 = "$2"\n'))
  .join('')}`

/** Without a source pipenv takes pip's. */
export function pipfileLockOf({ lock, pipfileHash }: LockSource): string {
  const pins = pinsOf(lock).map(({ name, version, marker, hashes }) => [
    name,
    { hashes, ...(marker && { markers: marker }), version: `==${version}` },
  ])
  const meta = { hash: { sha256: pipfileHash }, 'pipfile-spec': 6, requires: {}, sources: [] }
  return `${JSON.stringify({ _meta: meta, default: Object.fromEntries(pins), develop: {} }, null, 4)}\n`
}
