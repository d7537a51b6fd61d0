import type { CommandTree, FlagWord } from './tree.ts'
import type { Values } from './values.ts'

export function fishScript({ commands, globals }: CommandTree): string {
  const names = commands.map(({ name }) => name).join(' ')
  const own = new Set(globals.map(({ long }) => long))
  return [
    `# fish completion of retail
# The command on the line, unless it is the value of an earlier flag.
function __retail_command
  set -l before ''
  for word in (commandline -opc)[2..-1]
    if not contains -- "$before" ${globals.flatMap(({ long, values }) => (values ? [long] : [])).join(' ')}
      if contains -- $word ${names}
        echo $word
        return
      end
    end
    set before $word
  end
end
function __retail_is
  test (__retail_command | string collect; or echo '') = $argv[1]
end
# Words separated by commas, each once. If one is left, it is also offered with a comma: otherwise, fish adds a space.
function __retail_list
  set -l token (string replace -r '^--[^=]*=' '' -- (commandline -ct))
  set -l chosen (string match -r '.*,' -- $token; or echo '')
  set -l left
  for word in $argv
    string match -q -- "*,$word,*" ",$chosen"; or set -a left $chosen$word
  end
  string join \\n -- $left
  set -l fits (string match -- "$token*" $left)
  test (count $fits) -eq 1 -a (count $left) -gt 1; and echo $fits,
end
complete -c retail -f`,
    ...commands.map(({ name, about }) => `complete -c retail -n "__retail_is ''" -a ${name} -d ${quote(about)}`),
    ...globals.map((flag) => `complete -c retail ${flagSpec(flag)}`),
    ...commands.flatMap(({ name, flags, operands }) => [
      ...operands.map((word) => `complete -c retail -n '__retail_is ${name}' -a ${word}`),
      ...flags
        .filter(({ long }) => !own.has(long))
        .map((flag) => `complete -c retail -n '__retail_is ${name}' ${flagSpec(flag)}`),
    ]),
    '',
  ].join('\n')
}

function flagSpec({ long, short, about, values }: FlagWord): string {
  return [`-l ${long.slice(2)}`, short && `-s ${short.slice(1)}`, values && valuesSpec(values), `-d ${quote(about)}`]
    .filter(Boolean)
    .join(' ')
}

function valuesSpec(values: Values): string {
  switch (values.kind) {
    case 'none':
      return '-x'
    case 'folder':
      return `-xa '(__fish_complete_directories)'`
    case 'file':
      return '-rF'
    case 'words':
      return `-xa ${quote(values.words.join(' '))}`
    case 'list':
      return `-xa '(__retail_list ${values.words.join(' ')})'`
  }
}

const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
