import type { CommandWord } from './tree.ts'

/** Works in bash 3.2 (macOS) and later; everything is in the script, so a TAB starts no process. */
export function bashScript(commands: readonly CommandWord[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  return `# bash completion of retail
_retail() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case " ${names} " in *" $word "*) command="$word"; break ;; esac
  done
  COMPREPLY=()
  case "$command:$previous" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$command" in
${commands.map(wordCase).join('\n')}
    *) COMPREPLY=($(compgen -W "${names}" -- "$current")) ;;
  esac
}
complete -F _retail retail
`
}

function valueCases({ name, flags }: CommandWord): string[] {
  return flags
    .filter(({ value }) => value)
    .map(({ long, choices, folder }) => {
      const reply = folder ? 'compgen -d' : choices.length > 0 ? `compgen -W "${choices.join(' ')}"` : undefined
      return `    ${name}:${long}) ${reply ? `COMPREPLY=($(${reply} -- "$current")); ` : ''}return ;;`
    })
}

const wordCase = ({ name, flags, operands }: CommandWord) =>
  `    ${name}) COMPREPLY=($(compgen -W "${[...operands, ...flags.map(({ long }) => long)].join(' ')}" -- "$current")) ;;`
