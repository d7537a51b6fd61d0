import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { fs } from '../disk.ts'
import { packageFolder } from '../tools/package-folder.ts'
import { VERSION } from '../version.ts'

/**
 * Where `init --with` puts the package, relative to the workspace: not ignored by git, and inside the context of a
 * Docker build.
 */
export const PACKAGE_FILE = `vendor/retail-cli-${VERSION}.tgz`

/** Files that commands leave in these folders; npm does not pack them, either. */
const LEFTOVERS = /(^|\/)(__pycache__|node_modules|\.DS_Store|[^/]+\.pyc)(\/|$)|^dbt\/(target|logs)\//

let made: Buffer | undefined

/**
 * This package as `npm pack` would make it, so that npm can install it anywhere without a registry. Packed here and not
 * by npm, because a machine that runs retail may lack npm. The same files give the same bytes.
 */
export function packageFile(): Buffer {
  made ??= packed(packageFolder())
  return made
}

/** The files that package.json names, in order. */
export function packedFiles(folder: string): string[] {
  const { files } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as { files: string[] }
  const named = files.flatMap((name) => {
    const [, parent, end] = /^(.+)\/\*(\.\w+)$/.exec(name) ?? []
    const at = path.join(folder, parent ?? name)
    if (parent)
      return entriesOf(at)
        .filter((entry) => entry.endsWith(end))
        .map((entry) => `${parent}/${entry}`)
    if (!fs.existsSync(at)) return []
    return fs.statSync(at).isDirectory() ? entriesOf(at).map((entry) => `${name}/${entry}`) : [name]
  })
  return [...new Set(['package.json', ...named])].filter((name) => !LEFTOVERS.test(name)).sort()
}

const entriesOf = (folder: string): string[] =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))

const BLOCK = 512

const packed = (folder: string): Buffer =>
  tarball(
    packedFiles(folder).map((name) => ({
      name: `package/${name}`,
      bytes: fs.readFileSync(path.join(folder, name)),
      program: (fs.statSync(path.join(folder, name)).mode & 0o111) !== 0,
    })),
  )

/** A gzipped tar archive. The same files give the same bytes. */
export function tarball(files: readonly { name: string; bytes: Buffer; program?: boolean }[]): Buffer {
  const blocks = files.flatMap(({ name, bytes, program = false }) => [
    header(name, bytes.length, program),
    bytes,
    Buffer.alloc(-bytes.length & (BLOCK - 1)),
  ])
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), { level: 9 })
}

/** A header of POSIX ustar. The timestamp is npm's, 1985-10-26: the same in every package. */
function header(name: string, size: number, program: boolean): Buffer {
  const block = Buffer.alloc(BLOCK)
  const cut = name.length > 100 ? name.lastIndexOf('/', 155) : -1
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  block.write(name.slice(cut + 1), 0, 100)
  octal(program ? 0o755 : 0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(499_162_500, 136, 12)
  block.write('        0', 148, 'latin1')
  block.write('ustar\u000000', 257, 'latin1')
  if (cut > 0) block.write(name.slice(0, cut), 345, 155)
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  block.write(' ', 155, 'latin1')
  return block
}
