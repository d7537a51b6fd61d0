import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { pythonHomes, trustedHomes, writableHome } from './python-homes.ts'

let root: string
beforeEach(() => {
  root = fs.mkdtempSync(path.join(tmpdir(), 'retail-homes-'))
  onTestFinished(() => fs.rmSync(root, { recursive: true, force: true }))
})

const shared = process.platform === 'darwin' ? '/me/Library/Caches/retail/python' : '/me/.cache/retail/python'

test.each<[string, NodeJS.ProcessEnv, string[]]>([
  ['the cache of the user', { HOME: '/me' }, ['/shop/python', shared]],
  ['XDG_CACHE_HOME', { HOME: '/me', XDG_CACHE_HOME: '/fast' }, ['/shop/python', '/fast/retail/python']],
  ['no relative XDG_CACHE_HOME', { HOME: '/me', XDG_CACHE_HOME: 'fast' }, ['/shop/python', shared]],
  ['only RETAIL_PYTHON_HOME', { HOME: '/me', RETAIL_PYTHON_HOME: '/mine' }, ['/mine']],
  ['only the workspace without a home', { HOME: '' }, ['/shop/python']],
])('environments are looked for in %s', (_what, env, homes) => {
  expect(pythonHomes('/shop', env)).toEqual(homes)
})

const chosen = () => path.relative(root, writableHome([path.join(root, 'shop'), path.join(root, 'cache/python')]))

test('a new environment goes into the cache, which only its user can read', () => {
  expect(chosen()).toBe('cache/python')
  expect(fs.statSync(path.join(root, 'cache/python')).mode & 0o777).toBe(0o700)
  expect(chosen()).toBe('cache/python')
})

test.each<[string, () => void]>([
  ['others may write to', () => fs.chmodSync(path.join(root, 'cache/python'), 0o777)],
  ['a group may write to', () => fs.chmodSync(path.join(root, 'cache/python'), 0o770)],
  ['is a file', () => replaceByFile('cache/python')],
  ['is below a file', () => replaceByFile('cache')],
  // Root may write everywhere, but not leave files in the cache of somebody else.
  [
    'is not ours to write',
    () => (process.getuid?.() === 0 ? fs.chownSync : fs.chmodSync)(path.join(root, 'cache/python'), 0o555, 0o555),
  ],
])('a new environment goes into the workspace if the cache %s', (_what, spoil) => {
  fs.mkdirSync(path.join(root, 'cache/python'), { recursive: true })
  spoil()
  expect(chosen()).toBe('shop')
})

test('an environment of the cache runs only if no other user can change it', () => {
  const cache = path.join(root, 'cache/python')
  const searched = () => trustedHomes([path.join(root, 'shop'), cache]).map((home) => path.relative(root, home))
  expect(searched()).toEqual(['shop'])
  fs.mkdirSync(cache, { recursive: true, mode: 0o755 })
  expect(searched()).toEqual(['shop', 'cache/python'])
  fs.chmodSync(cache, 0o775)
  expect(searched()).toEqual(['shop'])
})

function replaceByFile(name: string): void {
  fs.rmSync(path.join(root, name), { recursive: true })
  fs.writeFileSync(path.join(root, name), '')
}
