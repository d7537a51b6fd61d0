import type { CommandTree, CommandWord, FlagWord } from './tree.ts'
import type { Values } from './values.ts'

/** For `source <(retail completion zsh)` after compinit. */
export function zshScript({ commands, globals }: CommandTree): string {
  const flags = globals.map(flagSpec).join(' \\\n    ')
  return `#compdef retail
_retail_commands() {
  local -a commands
  commands=(
${commands.map(({ name, about }) => `    ${quote(`${name}:${about}`)}`).join('\n')}
  )
  _describe command commands
}
_retail() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  _arguments -C \\
    ${flags} \\
    '1:command:_retail_commands' \\
    '*::word:->words' && return
  [[ $state == words ]] || return
  case "$line[1]" in
${commands.map(commandCase).join('\n')}
  esac
}
compdef _retail retail
`
}

function commandCase({ name, flags, operands }: CommandWord): string {
  const words = operands.length > 0 ? [quote(`*:topic:(${operands.join(' ')})`)] : []
  return `    ${name}) _arguments ${[...flags.map(flagSpec), ...words].join(' \\\n      ')} ;;`
}

function flagSpec({ long, about, values }: FlagWord): string {
  const shown = about.replace(/[[\]:]/g, (mark) => `\\${mark}`)
  return quote(`${long}${values ? '=' : ''}[${shown}]${values ? `:value:${action(values)}` : ''}`)
}

function action(values: Values): string {
  switch (values.kind) {
    case 'none':
      return ' '
    case 'folder':
      return '_files -/'
    case 'file':
      return '_files'
    case 'words':
      return `(${values.words.join(' ')})`
    case 'list':
      return `_sequence compadd - ${values.words.join(' ')}`
  }
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
