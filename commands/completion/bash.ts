import type { CommandTree, FlagWord } from './tree.ts'
import type { Values } from './values.ts'

/** Works in bash 3.2 (macOS) and later. The script contains all words, so pressing TAB starts no process. */
export function bashScript({ commands, globals }: CommandTree): string {
  const names = commands.map(({ name }) => name).join(' ')
  return `# bash completion of retail
_retail_words() {
  local IFS=$' \\t\\n'
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}
# $1 is -f for files, -d for folders. A name may hold spaces.
_retail_paths() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$1" -- "$current"))
  compopt -o filenames 2>/dev/null
}
# Words separated by commas, each once.
_retail_list() {
  local word rest="" chosen=""
  case "$current" in *,*) chosen="\${current%,*}," ;; esac
  for word in $1; do
    case ",$chosen" in *",$word,"*) ;; *) rest="$rest $chosen$word" ;; esac
  done
  _retail_words "$rest"
  # A comma may follow. (bash 3.2 has no compopt and adds a space.)
  compopt -o nospace 2>/dev/null
}
_retail() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" word before=""
  # bash makes three words of --flag=value.
  if [ "$current" = "=" ]; then
    current=""
  elif [ "$previous" = "=" ]; then
    previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$before" in
      ${withValue(globals)}) ;;
      *) case " ${names} " in *" $word "*) command="$word"; break ;; esac ;;
    esac
    before="$word"
  done
  COMPREPLY=()
  case "$command:$previous" in
${[{ name: '', flags: globals }, ...commands].flatMap(valueCases).join('\n')}
  esac
  case "$command" in
${commands.map(({ name, flags, operands }) => wordCase(name, [...operands, ...flags.map(({ long }) => long)])).join('\n')}
    *) _retail_words "${[names, ...globals.map(({ long }) => long)].join(' ')}" ;;
  esac
}
complete -F _retail retail
`
}

const withValue = (flags: readonly FlagWord[]) =>
  flags
    .filter(({ values }) => values)
    .map(({ long }) => long)
    .join('|')

function valueCases({ name, flags }: { name: string; flags: readonly FlagWord[] }): string[] {
  return flags.flatMap(({ long, values }) => (values ? [`    ${name}:${long}) ${reply(values)}return ;;`] : []))
}

function reply(values: Values): string {
  switch (values.kind) {
    case 'none':
      return ''
    case 'folder':
      return '_retail_paths -d; '
    case 'file':
      return '_retail_paths -f; '
    case 'words':
      return `_retail_words "${values.words.join(' ')}"; `
    case 'list':
      return `_retail_list "${values.words.join(' ')}"; `
  }
}

const wordCase = (name: string, words: readonly string[]) => `    ${name}) _retail_words "${words.join(' ')}" ;;`
