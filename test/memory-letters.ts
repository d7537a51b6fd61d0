import type { AppendRow, DeadLetter, DeadLetters, LetterState } from '../src/ports/index.ts'
import { facts } from '../src/tables/index.ts'

/** A table of dead letters in memory. */
export function memoryLetters(): Extract<DeadLetters, { can: true }> & { readonly rows: AppendRow[] } {
  const rows: AppendRow[] = []
  const instantOf = (micros: unknown) => new Date(Number(micros) / 1_000).toISOString()

  function letterOf(row: AppendRow): DeadLetter {
    const { state, note } = row
    return {
      id: String(row.message_id),
      subscription: String(row.subscription),
      table: facts.find(({ name }) => name === row.fact)?.name,
      receivedAt: instantOf(row.received_at),
      reason: String(row.reason),
      event: row.event_id ? { id: String(row.event_id), at: instantOf(row.event_time) } : undefined,
      attributes: JSON.parse(String(row.attributes)),
      data: Buffer.from(String(row.data), 'base64'),
      state: (state ?? 'open') as LetterState,
      marked: state
        ? { at: instantOf(row.marked_at), by: String(row.marked_by), note: note ? String(note) : undefined }
        : undefined,
    }
  }
  const keyOf = ({ subscription, id }: DeadLetter) => `${subscription} ${id}`

  /** The row that was marked last, or else the first. */
  function latest(): DeadLetter[] {
    const found = new Map<string, DeadLetter>()
    for (const letter of rows.map(letterOf))
      if (letter.marked || !found.has(keyOf(letter))) found.set(keyOf(letter), letter)
    return [...found.values()].sort((a, b) => (a.receivedAt + keyOf(a) < b.receivedAt + keyOf(b) ? -1 : 1))
  }

  return {
    can: true,
    rows,
    location: 'memory.dead_letter',
    self: 'a test',
    async openAppender() {
      return {
        async append(_table, more) {
          rows.push(...more)
          return new Map()
        },
        trouble: undefined,
        async [Symbol.asyncDispose]() {},
      }
    },
    count: async () =>
      latest().map(({ state, table, receivedAt }) => ({ state, table, letters: 1, since: receivedAt })),
    async read({ state, table, ids }, limit, after) {
      const all = latest()
      const from = after ? all.findIndex((letter) => keyOf(letter) === keyOf(after)) + 1 : 0
      return all
        .slice(from)
        .filter(
          (letter) =>
            (!state || letter.state === state) &&
            (!table || letter.table === table) &&
            (!ids || ids.includes(letter.id)),
        )
        .slice(0, limit)
    },
  }
}
