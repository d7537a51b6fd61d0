import type { CommandWord, FlagWord } from './tree.ts'

/** For `source <(retail completion zsh)` after compinit. */
export function zshScript(commands: readonly CommandWord[]): string {
  return `#compdef retail
_retail() {
  local -a commands
  commands=(
${commands.map(({ name, about }) => `    ${quote(`${name}:${about}`)}`).join('\n')}
  )
  local command="" word
  for word in "\${words[@]:1:$((CURRENT-2))}"; do
    if (( \${commands[(I)$word:*]} )); then command="$word"; break; fi
  done
  case "$command" in
${commands.map(commandCase).join('\n')}
    *) _describe command commands ;;
  esac
}
compdef _retail retail
`
}

function commandCase({ name, flags, operands }: CommandWord): string {
  const words = operands.length > 0 ? [quote(`*:topic:(${operands.join(' ')})`)] : []
  return `    ${name}) _arguments ${[...flags.map(flagSpec), ...words].join(' \\\n      ')} ;;`
}

function flagSpec({ long, about, value, choices, folder }: FlagWord): string {
  const shown = about.replace(/[[\]:]/g, (mark) => `\\${mark}`)
  const action = folder ? '_files -/' : choices.length > 0 ? `(${choices.join(' ')})` : ' '
  return quote(`${long}[${shown}]${value ? `:value:${action}` : ''}`)
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
