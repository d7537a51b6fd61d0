/**
 * Every command of the tool, in the order in which data flows. Add a new one here first; the compiler then names the
 * other places that need it.
 */
export const COMMANDS = [
  ...(['init', 'infra', 'plan', 'seed-dims', 'backfill', 'stream', 'faults', 'load', 'dead-letters'] as const),
  ...(['transform', 'dbt', 'verify', 'grade', 'repair', 'status', 'dashboard', 'sql', 'pack', 'demo'] as const),
  ...(['completion', 'help'] as const),
] as const
export type CommandName = (typeof COMMANDS)[number]

/** The words of a command line, unquoted. `retail` as the first word means this tool, however it was started. */
export type CommandLine = readonly string[]

/** A sentence of advice. Commands in it are data, because only the CLI knows how to spell them. */
export type Advice = string | readonly (string | CommandLine)[]

/** Formats a command line for the person who reads it. */
export type Spell = (line: CommandLine) => string

/** A command line of this tool. Its first word is a command, or a flag of the tool itself. */
export const retail = (...words: [CommandName | `-${string}`, ...string[]]): CommandLine => ['retail', ...words]

/** advise`run ${retail('backfill')} first` */
export function advise(texts: TemplateStringsArray, ...values: readonly (CommandLine | string | number)[]): Advice {
  const pieces: (string | CommandLine)[] = []
  const add = (piece: string | CommandLine) => {
    const last = pieces.at(-1)
    if (typeof piece === 'string' && typeof last === 'string') pieces[pieces.length - 1] = last + piece
    else if (piece.length > 0) pieces.push(piece)
  }
  for (const [i, text] of texts.entries()) {
    add(text)
    const value = values[i]
    if (value !== undefined) add(typeof value === 'number' ? String(value) : value)
  }
  return pieces
}

/** The same command line with another value of a flag. */
export function withFlag(line: CommandLine, flag: string, value?: string): CommandLine {
  const end = line.indexOf('--')
  const [own, rest] = end < 0 ? [line, []] : [line.slice(0, end), line.slice(end)]
  const at = own.findIndex((word) => word === flag || word.startsWith(`${flag}=`))
  const others = at < 0 ? own : own.toSpliced(at, own[at] === flag && value !== undefined ? 2 : 1)
  return [...others, flag, ...(value === undefined ? [] : [value]), ...rest]
}

/** Joins two pieces of advice. */
export const adviseAlso = (first: Advice, second: Advice): Advice => [...piecesOf(first), ...piecesOf(second)]

/** The sentence as text. A command is in backticks, unless it is the whole sentence or follows a colon at the end. */
export function adviceText(advice: Advice, spell: Spell = shellLine): string {
  const pieces = piecesOf(advice)
  return pieces
    .map((piece, i) => {
      if (typeof piece === 'string') return piece
      const before = pieces[i - 1]
      const bare =
        i === pieces.length - 1 && (before === undefined || (typeof before === 'string' && /: $/.test(before)))
      return bare ? spell(piece) : `\`${spell(piece)}\``
    })
    .join('')
}

/** The words quoted for a POSIX shell: the output can be pasted. */
export const shellLine: Spell = (line) => line.map(shellWord).join(' ')

function shellWord(word: string): string {
  if (/^(~\/)?[\w@%+=:,./-]+$/.test(word)) return word
  // Double quotes are easier to read around single ones, if nothing inside has a special meaning.
  if (word.includes("'") && !/["$`\\!]/.test(word)) return `"${word}"`
  return `'${word.replaceAll("'", `'\\''`)}'`
}

const piecesOf = (advice: Advice): readonly (string | CommandLine)[] => (typeof advice === 'string' ? [advice] : advice)
