/** A command that a page shows: a line of a shell block, or what follows the prompt of a console. */
export interface Shown {
  /** Of the page, from 0. */
  block: number
  command: string
  /** The exit code that the page says it has. */
  code: number
}

/** Every command of a page, in order. A command that goes on over several lines is one. */
export function commandsShown(page: string): Shown[] {
  const blocks = [...page.matchAll(/^ *```(sh|bash|console)\n(.*?)^ *```$/gms)]
  return blocks.flatMap(([, kind, text], block) =>
    (kind === 'console' ? fromConsole(text) : fromShell(text)).map((shown) => ({ block, ...shown })),
  )
}

function fromConsole(text: string): Omit<Shown, 'block'>[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((said) => {
      const [command, ...output] = said.trimEnd().split('\n')
      const code = /^\[exit (\d+)\]$/.exec(output.at(-1) ?? '')?.[1]
      return { command, code: Number(code ?? 0) }
    })
}

const OPENS = /^(for|while|if)\b/
const CLOSES = /^(done|fi)\b/

function fromShell(text: string): Omit<Shown, 'block'>[] {
  const commands: string[] = []
  let open = false
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue
    if (open) commands.push(`${commands.pop()}\n${line}`)
    else commands.push(line)
    open = OPENS.test(line) || (open && !CLOSES.test(line))
  }
  return commands.map((command) => ({ command, code: 0 }))
}
