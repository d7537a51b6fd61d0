import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RetailError } from './errors.ts'
import { errnoFrom, explainSystemError, isDamage } from './system-errors.ts'

const node = (code: string, syscall = 'open', path?: string) =>
  Object.assign(new Error(`${code}: words of the system, ${syscall}`), { code, syscall, path })
const suppressed = (error: unknown, first: unknown) =>
  Object.assign(new Error('An error was suppressed during disposal.'), {
    name: 'SuppressedError',
    error,
    suppressed: first,
  })

const EXIT = { ENOSPC: 1, EDQUOT: 1, EIO: 1, EMFILE: 1, ENFILE: 1, ENOMEM: 1, EROFS: 4, EACCES: 4, EPERM: 4, ENOENT: 3 }

describe('an error of the system', () => {
  test.each(Object.entries(EXIT))('%s has a sentence, its place, a next step, and exit code %i', (errno, exitCode) => {
    const told = explainSystemError(node(errno, 'open', '/shop/lake/world.json')) as RetailError
    expect(told).toBeInstanceOf(RetailError)
    expect(told).toMatchObject({ exitCode, message: expect.stringMatching(/while opening \/shop\/lake\/world\.json$/) })
    expect(told.why).toContain(errno)
    expect(told.hint).toBeTruthy()
    expect(told.hint).not.toMatch(/remove|move .* away/)
  })

  test('includes what was being done, if known', () => {
    expect(explainSystemError(node('EIO', 'fsync'), 'writing lake/world.json')).toMatchObject({
      message: 'a disk I/O error occurred while writing lake/world.json',
    })
    expect(explainSystemError(node('EIO', 'fsync'))).toMatchObject({ message: 'a disk I/O error occurred' })
  })

  test.each([
    ['IO Error: Could not write file "/shop/.retail/tmp/x": No space left on device', 'disk_full', 1],
    ['IO Error: Cannot open file "/shop/retail.duckdb": Permission denied', 'not_allowed', 4],
    ['IO Error: Cannot open file "/shop/retail.duckdb": Read-only file system', 'not_allowed', 4],
    ['IO Error: Could not read from file "/shop/x": Input/output error', 'failed', 1],
    ['IO Error: Cannot open file "/shop/x": Too many open files', 'failed', 1],
    ['FATAL Error: Failed: database has been invalidated: No space left on device', 'disk_full', 1],
    ['Out of Memory Error: could not allocate block of size 256.0 KiB', 'failed', 1],
    ["OSError: [Errno 28] No space left on device: '/shop/.retail/dbt/target/manifest.json'", 'disk_full', 1],
  ])('that comes in words only is known: %s', (text, code, exitCode) => {
    expect(explainSystemError(new Error(text))).toMatchObject({ code, exitCode })
  })

  test('is found in any wrapping: of clean-ups that failed, of several at once, of causes', () => {
    const wrap = fc.letrec<{ wrapped: (inner: Error) => Error }>((tie) => ({
      wrapped: fc.oneof(
        { maxDepth: 6 },
        fc.constant((inner: Error) => inner),
        tie('wrapped').map((more) => (inner: Error) => suppressed(node('EACCES', 'unlink'), more(inner))),
        tie('wrapped').map((more) => (inner: Error) => new AggregateError([more(inner), new TypeError('x')])),
        tie('wrapped').map((more) => (inner: Error) => new Error('failed', { cause: more(inner) })),
      ),
    })).wrapped
    fc.assert(
      fc.property(wrap, (wrapped) => {
        const error = node('ENOSPC', 'write')
        expect(explainSystemError(wrapped(error))).toMatchObject({ code: 'disk_full', cause: error })
        const ours = new RetailError('busy', 'another run is writing')
        expect(explainSystemError(wrapped(ours))).toBe(ours)
      }),
    )
  })
})

test.each(['EACCES', 'EROFS', 'EFBIG'])(
  'the hint of %s names the flag of the folder that the command writes',
  (errno) => {
    const hintWith = (flag?: string) => (explainSystemError(node(errno, 'open'), 'packing', flag) as RetailError).hint
    expect(hintWith('--out')).toContain('with --out')
    expect(hintWith()).toContain('with --workspace')
  },
)

test('a hint names the other flag also if the error was explained before', () => {
  const told = explainSystemError(node('EACCES', 'open', '/shop/x'))
  expect(explainSystemError(told, 'packing', '--out')).toMatchObject({ hint: expect.stringContaining('with --out') })
  const ours = new RetailError('missing', 'no workspace', { hint: 'choose one with --workspace' })
  expect(explainSystemError(ours, 'packing', '--out')).toBe(ours)
})

describe('an error that is not from the system', () => {
  test('stays what it is, without the clean-up that failed after it', () => {
    const bug = new TypeError('x is not a function')
    expect(explainSystemError(bug)).toBe(bug)
    expect(explainSystemError(suppressed(node('EIO'), bug))).toBe(bug)
    expect(explainSystemError(node('ERR_INVALID_ARG_TYPE'))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
    expect(errnoFrom(new Error('Permission denied on resource project x'))).toBeUndefined()
    for (const nothing of [undefined, null, 5, 'text']) expect(explainSystemError(nothing)).toBe(nothing)
  })

  test('is damage where content was read and is wrong, and never where it could not be read', () => {
    const damage = new Error('IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2')
    expect(explainSystemError(damage)).toMatchObject({
      code: 'damaged',
      exitCode: 6,
      hint: expect.stringContaining('retail repair'),
    })
    expect(isDamage(new Error('IO Error: Cannot open file "/shop/retail.duckdb": Permission denied'))).toBe(false)
    expect(isDamage(new TypeError('checksum is not a function'))).toBe(false)
  })
})
