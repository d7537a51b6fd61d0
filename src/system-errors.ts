import { type Advice, advise, retail } from './advice.ts'
import { type ErrorCode, errnoOf, RetailError } from './errors.ts'

/** What a system error number means to a person, and what helps. */
interface Meaning {
  code: ErrorCode
  /** Continues with "while writing /path". */
  what: string
  hint: Advice
}

const again = 'run the same command again: finished work is kept'
const allowed = 'run it as the user who owns the folder, change its permissions, or choose another with --workspace'
const repair = retail('repair')
const strange = advise`${repair} moves it aside if it is in the workspace; otherwise, choose another path`

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOSPC: { code: 'disk_full', what: 'no space left', hint: `free some space and ${again}` },
  EDQUOT: { code: 'disk_full', what: 'the disk quota is used up', hint: `free some space and ${again}` },
  EFBIG: {
    code: 'disk_full',
    what: 'the file is too large for the file system',
    hint: 'choose another with --workspace',
  },
  EACCES: { code: 'not_allowed', what: 'permission denied', hint: allowed },
  EPERM: { code: 'not_allowed', what: 'permission denied', hint: allowed },
  EROFS: {
    code: 'not_allowed',
    what: 'the file system is read-only',
    hint: 'make it writable, or choose another folder with --workspace',
  },
  EIO: {
    code: 'failed',
    what: 'a disk I/O error occurred',
    hint: advise`check the system log for disk errors, then ${again}; ${retail('verify')} checks everything`,
  },
  EMFILE: {
    code: 'failed',
    what: 'too many open files in this process',
    hint: `raise the limit (\`ulimit -n 4096\`) and ${again}`,
  },
  ENFILE: { code: 'failed', what: 'too many open files on this machine', hint: `close other programs and ${again}` },
  ENOMEM: {
    code: 'failed',
    what: 'out of memory',
    hint: `close other programs, or use fewer --workers, and ${again}`,
  },
  EAGAIN: {
    code: 'failed',
    what: 'the system has reached its limit of processes or threads',
    hint: `close other programs and ${again}`,
  },
  EBUSY: { code: 'failed', what: 'another program is using the file', hint: `close it and ${again}` },
  ETXTBSY: { code: 'failed', what: 'another program is using the file', hint: `close it and ${again}` },
  ESTALE: { code: 'failed', what: 'the network file system lost the file', hint: `mount it again and ${again}` },
  ENODEV: { code: 'failed', what: 'the device is gone', hint: `connect or mount it again and ${again}` },
  ENXIO: { code: 'failed', what: 'the device is gone', hint: `connect or mount it again and ${again}` },
  ENOENT: {
    code: 'missing',
    what: 'a file or folder is missing',
    hint: advise`${retail('verify')} lists what is missing, and ${repair} regenerates it`,
  },
  EISDIR: { code: 'damaged', what: 'a folder is where a file should be', hint: strange },
  ENOTDIR: { code: 'damaged', what: 'a file is where a folder should be', hint: strange },
  EEXIST: { code: 'damaged', what: 'something else already exists there', hint: strange },
  ENOTEMPTY: { code: 'damaged', what: 'a folder is not empty', hint: strange },
  ELOOP: { code: 'failed', what: 'symbolic links form a loop', hint: strange },
  ENAMETOOLONG: { code: 'failed', what: 'a path is too long', hint: 'choose a shorter folder with --workspace' },
}

const NOT_SUPPORTED: Meaning = {
  code: 'failed',
  what: 'the file system does not support this',
  hint: 'choose a folder on a local disk with --workspace',
}

const NETWORK: Meaning = { code: 'failed', what: 'the network failed', hint: `check the connection and ${again}` }

for (const errno of ['EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EMLINK', 'ENOLCK'])
  Object.assign(MEANINGS, { [errno]: NOT_SUPPORTED })
for (const errno of [
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])
  Object.assign(MEANINGS, { [errno]: NETWORK })

/** Errors that other programs, and DuckDB's native code, report only in words. */
const WORDS: readonly [RegExp, string][] = [
  [/No space left on device/i, 'ENOSPC'],
  [/Disk quota exceeded/i, 'EDQUOT'],
  [/File too large/i, 'EFBIG'],
  [/Read-only file system/i, 'EROFS'],
  [/Permission denied/i, 'EACCES'],
  [/Operation not permitted/i, 'EPERM'],
  [/Input\/output error/i, 'EIO'],
  [/Too many open files in system/i, 'ENFILE'],
  [/Too many open files/i, 'EMFILE'],
  [/Cannot allocate memory|Out of Memory Error/i, 'ENOMEM'],
  [/Stale file handle/i, 'ESTALE'],
  [/Is a directory/i, 'EISDIR'],
  [/Not a directory/i, 'ENOTDIR'],
  [/Too many levels of symbolic links/i, 'ELOOP'],
  [/No such file or directory|No files found that match/i, 'ENOENT'],
]

/** Only for programs known to quote the system: an error of ours may use the same words for something else. */
const QUOTES_SYSTEM = /\b(IO|Out of Memory|FATAL|INTERNAL|TransactionContext) Error\b|\[Errno \d+\]|\(os error \d+\)/

/** Errors of DuckDB's readers about content that was read and is invalid. */
const DAMAGE =
  /not a valid DuckDB database|read enough bytes|corrupt|checksum|Snappy|No magic bytes|TProtocolException|Thrift|Serialization Error|Failed to deserialize|decompress|invalid(ated)? (because|page)|too small to be a Parquet file/i
/** Errors of its Parquet reader, which checks little before it trusts a length or a type. */
const DAMAGED_PARQUET =
  /\bInvalid Error:|not valid UTF8|Invalid (string encoding|unicode)|Failed to read (Parquet )?file|Unimplemented TIMESTAMP encoding|Footer length error|Malformed Parquet|Incorrect stats|Unsupported (converted|page|compression|logical)|in Parquet file|DECIMAL requires a length|Decimal has a width|converted type can only be set|Information loss on integer cast/i
const FROM_DUCKDB = /\b(IO|Invalid Input|Serialization|FATAL|INTERNAL|Invalid|Not implemented|Conversion) Error\b/i

/** True if DuckDB could read a file and found that its content is invalid. */
export function isDamage(error: unknown): boolean {
  if (error instanceof RetailError) return false
  const text = textOf(error)
  return errnoFrom(error) === undefined && FROM_DUCKDB.test(text) && (DAMAGE.test(text) || DAMAGED_PARQUET.test(text))
}

/** The error number of a system error. Node provides it as a code, DuckDB and other programs in words. */
export function errnoFrom(error: unknown): string | undefined {
  const errno = errnoOf(error)
  // When Node creates nested folders where nothing can be created, it reports ENOENT (seen with 20.20 on a read-only
  // file system).
  if (errno === 'ENOENT' && (error as NodeJS.ErrnoException).syscall === 'mkdir') return 'EROFS'
  if (errno !== undefined) return errno in MEANINGS ? errno : undefined
  const text = textOf(error)
  return QUOTES_SYSTEM.test(text) ? WORDS.find(([words]) => words.test(text))?.[1] : undefined
}

/**
 * Turns system errors into foreseen ones, whoever throws them and however they are wrapped; returns any other error
 * unwrapped and unchanged. `doing` describes the operation: "writing lake/world.json"; `flag` selects the folder.
 */
export function explainSystemError(thrown: unknown, doing?: string, flag = '--workspace'): unknown {
  const error = original(thrown)
  if (error instanceof RetailError) return naming(flag, error)
  for (const one of causesOf(error)) {
    const foreseen = one instanceof RetailError ? one : explainOne(one, doing, flag)
    if (foreseen) return foreseen
  }
  return error
}

/** An explained error whose hint names another flag. */
function naming(flag: string, error: RetailError): RetailError {
  const { code, message, why, advice, cause } = error
  if (flag === '--workspace' || typeof advice !== 'string' || errnoFrom(cause) === undefined) return error
  return new RetailError(code, message, { why, hint: advice.replace('--workspace', flag), cause })
}

function explainOne(error: unknown, doing: string | undefined, flag: string): RetailError | undefined {
  const errno = errnoFrom(error)
  if (errno !== undefined) {
    const { code, what, hint } = MEANINGS[errno]
    const where = doing ?? deed(error)
    return new RetailError(code, where ? `${what} while ${where}` : what, {
      why: `the system says: ${firstLine(error)}`,
      hint: typeof hint === 'string' ? hint.replace('--workspace', flag) : hint,
      cause: error,
    })
  }
  if (!isDamage(error)) return undefined
  const file = quotedPath(textOf(error))
  return new RetailError('damaged', file ? `${file} is damaged` : 'a file is damaged', {
    why: firstLine(error),
    hint: advise`${retail('verify')} lists what is damaged, and ${repair} regenerates it`,
    cause: error,
  })
}

/** The first failure: a failed cleanup wraps it, and several errors may arrive as one. */
function original(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error) || depth > 20) return error
  // The compiled form of `await using` creates them itself, so their class cannot identify them.
  if (error.name === 'SuppressedError' && 'suppressed' in error) return original(error.suppressed, depth + 1)
  if (error.name === 'AggregateError' && 'errors' in error && Array.isArray(error.errors)) {
    const all = error.errors.map((one) => original(one, depth + 1))
    return all.find((one) => one instanceof RetailError) ?? all.find((one) => errnoFrom(one)) ?? all[0] ?? error
  }
  return error
}

/** The error and its causes. */
function causesOf(error: unknown): unknown[] {
  const causes = [error]
  for (let at = error; at instanceof Error && at.cause !== undefined && causes.length < 20; )
    causes.push((at = original(at.cause)))
  return causes
}

const DEEDS: Readonly<Record<string, string>> = {
  open: 'opening',
  read: 'reading',
  write: 'writing',
  mkdir: 'creating',
  rename: 'renaming',
  unlink: 'removing',
  rmdir: 'removing',
  rm: 'removing',
  scandir: 'reading',
  copyfile: 'copying',
  link: 'linking',
  stat: 'checking',
  lstat: 'checking',
  access: 'checking',
  fsync: 'syncing',
  truncate: 'truncating',
  ftruncate: 'truncating',
}

/** "opening /shop/lake/world.json"; undefined if no file is named. */
function deed(error: unknown): string | undefined {
  const { syscall, path: file, dest } = Object(error) as NodeJS.ErrnoException & { dest?: string }
  const named = file ?? quotedPath(textOf(error))
  if (named === undefined) return undefined
  if (syscall?.startsWith('spawn')) return `starting ${named}`
  return `${DEEDS[syscall ?? ''] ?? 'using'} ${named}${dest ? ` to ${dest}` : ''}`
}

const quotedPath = (text: string): string | undefined => /["'](\/[^"'\n]+)["']/.exec(text)?.[1]
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
/** The message without the name of its class. */
export const firstLine = (error: unknown): string => textOf(error).split('\n')[0]
