/** A call of another program, as data: a dry run prints it, a test compares it, `run` starts it. */
export interface Invocation {
  file: string
  args: readonly string[]
  cwd?: string
  /** added to our own environment; undefined takes a variable away */
  env?: Readonly<Record<string, string | undefined>>
}

/** As one would type it. */
export function printInvocation({ file, args }: Invocation): string {
  return [file, ...args]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}
