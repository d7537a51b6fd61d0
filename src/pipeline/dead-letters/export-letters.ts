import path from 'node:path'
import { advise, retail } from '../../advice.ts'
import type { Config } from '../../config/schema.ts'
import { fs } from '../../disk.ts'
import { RetailError } from '../../errors.ts'
import type { DeadLetter, LetterFilter, Ports } from '../../ports/index.ts'
import { explainSystemError } from '../../system-errors.ts'
import { bodyOf, type LetterOptions, openLetters } from '../dead-letters.ts'
import { pagesWhere } from './choose-letters.ts'

export const LETTER_FORMATS = ['ndjson', 'csv'] as const
export type LetterFormat = (typeof LETTER_FORMATS)[number]

export interface ExportLettersResult {
  location: string
  collected: number
  format: LetterFormat
  /** Undefined: stdout. */
  file: string | undefined
  letters: number
}

export interface ExportLettersOptions extends Omit<LetterOptions, 'dryRun'>, LetterFilter {
  format: LetterFormat
  /** A file, by its absolute path, or what writes the bytes elsewhere. */
  out: { file: string; force?: boolean | undefined } | { write: (bytes: Uint8Array) => Promise<void> }
}

/** Writes letters, ordered by receipt, with their whole messages. A file appears when it is complete. */
export async function exportLetters(
  ports: Ports,
  config: Config,
  { format, out, signal, quietMs, ...filter }: ExportLettersOptions,
): Promise<ExportLettersResult> {
  if ('file' in out) refuse(out.file, out.force ?? false, flagsOf(format, filter))
  const { letters, location, collected } = await openLetters(ports, config, { signal, quietMs })
  let count = 0
  const fill = async (write: (bytes: Uint8Array) => unknown) => {
    if (format === 'csv') await write(Buffer.from(`${CSV_COLUMNS.join(',')}\n`))
    for await (const page of pagesWhere(letters, filter, signal)) {
      await write(Buffer.from(page.map((letter) => `${LINES[format](letter)}\n`).join('')))
      count += page.length
    }
    if (signal?.aborted) throw stopped(count)
  }
  if ('file' in out) await intoFile(out.file, fill)
  else await fill(out.write)
  return { location, collected, format, file: 'file' in out ? out.file : undefined, letters: count }
}

/** A body that is not UTF-8 has the field `base64` instead of `text`. */
const CELLS = {
  id: ({ id }) => id,
  subscription: ({ subscription }) => subscription,
  table: ({ table }) => table,
  received_at: ({ receivedAt }) => receivedAt,
  reason: ({ reason }) => reason,
  event_id: ({ event }) => event?.id,
  event_time: ({ event }) => event?.at,
  state: ({ state }) => state,
  marked_at: ({ marked }) => marked?.at,
  marked_by: ({ marked }) => marked?.by,
  note: ({ marked }) => marked?.note,
} satisfies Record<string, (letter: DeadLetter) => string | undefined>

const CSV_COLUMNS = [...Object.keys(CELLS), 'attributes', 'text', 'base64']

const LINES: Record<LetterFormat, (letter: DeadLetter) => string> = {
  ndjson: (letter) => {
    const cells = Object.entries(CELLS).map(([name, of]) => [name, of(letter) ?? null])
    return JSON.stringify({ ...Object.fromEntries(cells), attributes: letter.attributes, ...bodyOf(letter.data) })
  },
  csv: (letter) => {
    const body: { text?: string; base64?: string } = bodyOf(letter.data)
    const cells = Object.values(CELLS).map((of) => of(letter))
    return [...cells, JSON.stringify(letter.attributes), body.text, body.base64].map(csvCell).join(',')
  },
}

const csvCell = (text = ''): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** As typed, without what is the default. */
const flagsOf = (format: LetterFormat, { table, state }: LetterFilter): string[] => [
  ...(table === undefined ? [] : ['--table', table]),
  ...(state === 'open' ? [] : ['--state', state ?? 'all']),
  ...(format === 'ndjson' ? [] : ['--format', format]),
]

function refuse(file: string, force: boolean, flags: readonly string[]): void {
  const there = fs.statSync(file, { throwIfNoEntry: false })
  if (there?.isDirectory())
    throw new RetailError('bad_flag', `${file} is a folder`, {
      hint: advise`give a file in it: ${retail('dead-letters', 'export', ...flags, '--out', path.join(file, 'letters.ndjson'))}`,
    })
  if (there && !force)
    throw new RetailError('bad_flag', `${file} exists already`, {
      hint: advise`replace it: ${retail('dead-letters', 'export', ...flags, '--out', file, '--force')}`,
    })
}

async function intoFile(file: string, fill: (write: (bytes: Uint8Array) => void) => Promise<void>): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    const fd = fs.openSync(temporary, 'w')
    try {
      await fill((bytes) => fs.writeFileSync(fd, bytes))
      fs.fsyncSync(fd)
    } finally {
      fs.closeSync(fd)
    }
    fs.renameSync(temporary, file)
    const folder = fs.openSync(path.dirname(file), 'r')
    fs.fsyncSync(folder)
    fs.closeSync(folder)
  } catch (error) {
    try {
      fs.rmSync(temporary, { force: true })
    } catch {
      // The first error is reported.
    }
    throw error instanceof RetailError ? error : explainSystemError(error, `writing ${file}`)
  }
}

const stopped = (letters: number) =>
  new RetailError('stopped', `stopped after ${letters} dead letters`, { hint: 'run the same command again' })
