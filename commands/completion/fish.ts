import type { CommandWord, FlagWord } from './tree.ts'

export function fishScript(commands: readonly CommandWord[]): string {
  return [
    '# fish completion of retail',
    'complete -c retail -f',
    ...commands.map(({ name, about }) => `complete -c retail -n __fish_use_subcommand -a ${name} -d ${quote(about)}`),
    ...commands.flatMap((command) => [
      ...command.operands.map((word) => `${head(command)} -a ${word}`),
      ...command.flags.map((flag) => `${head(command)} ${flagSpec(flag)}`),
    ]),
    '',
  ].join('\n')
}

const head = ({ name }: CommandWord) => `complete -c retail -n '__fish_seen_subcommand_from ${name}'`

function flagSpec({ long, short, about, value, choices, folder }: FlagWord): string {
  const values = folder
    ? `-xa '(__fish_complete_directories)'`
    : choices.length > 0
      ? `-xa ${quote(choices.join(' '))}`
      : '-x'
  return [`-l ${long.slice(2)}`, short && `-s ${short.slice(1)}`, value && values, `-d ${quote(about)}`]
    .filter(Boolean)
    .join(' ')
}

const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
