import { RetailError } from '../src/errors.ts'
import type { Context } from './context.ts'
import { csvCell } from './csv.ts'

/** Forms of an answer key. */
export const ANSWER_FORMATS = ['ndjson', 'csv', 'parquet'] as const
export type AnswerFormat = (typeof ANSWER_FORMATS)[number]

type Write = (bytes: Uint8Array) => Promise<void>

/** Takes lines of an answer key, of which the first one describes it, and writes them in a form. */
export interface AnswerSink extends Disposable {
  write(line: string): Promise<void>
  /** After the last line. */
  end(): Promise<void>
}

export async function answerSink({ io, verbs }: Context, format: AnswerFormat, write: Write): Promise<AnswerSink> {
  if (format === 'ndjson') return sink((line) => write(Buffer.from(line)))
  if (format === 'csv') {
    let isHead = true
    return sink(async (line) => {
      await write(Buffer.from(isHead ? `${CSV_COLUMNS.join(',')}\n` : csvLine(line)))
      isHead = false
    })
  }
  if (io.stdout.isTTY)
    throw new RetailError('bad_flag', 'a terminal does not show Parquet', {
      why: '--format parquet writes the bytes of a file',
      hint: 'redirect them: … > key.parquet',
    })
  const table = await verbs.answerTable()
  return {
    write: (line) => table.write(line),
    async end() {
      for await (const bytes of table.bytes()) await write(bytes)
    },
    [Symbol.dispose]: () => table[Symbol.dispose](),
  }
}

const sink = (write: (line: string) => Promise<void>): AnswerSink => ({
  write,
  end: async () => {},
  [Symbol.dispose]: () => {},
})

const CSV_COLUMNS = [
  ...['id', 'table', 'kind', 'also', 'form', 'event_time', 'sent_time', 'right', 'copies'],
  ...['first_at', 'last_at', 'sent', 'on_its_way'],
]

interface AnswerLine extends Record<string, unknown> {
  also?: string[]
  sent: { at: string }[]
  on_its_way?: { at: string }[]
}

/** Lists become JSON; how many copies there are and when they arrive has columns of its own. */
function csvLine(line: string): string {
  const answer = JSON.parse(line) as AnswerLine
  const { also, sent, on_its_way: onTheirWay } = answer
  const copies = [...sent, ...(onTheirWay ?? [])]
  const cells: Record<string, unknown> = {
    ...answer,
    also: also?.join(' '),
    copies: copies.length,
    first_at: copies[0]?.at,
    last_at: copies.at(-1)?.at,
    sent: JSON.stringify(sent),
    on_its_way: onTheirWay && JSON.stringify(onTheirWay),
  }
  return `${CSV_COLUMNS.map((name) => csvCell(String(cells[name] ?? ''))).join(',')}\n`
}
