/** A call of another program, as data: a dry run prints it, a test compares it, `run` starts it. */
export interface Invocation {
  file: string
  args: readonly string[]
  cwd?: string
  /** Added to our own environment; undefined removes a variable. */
  env?: Readonly<Record<string, string | undefined>>
}

/** The call as a command line. */
export function printInvocation({ file, args }: Invocation): string {
  return [file, ...args]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}
