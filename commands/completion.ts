import { Argument, type Command } from 'commander'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import { choiceFlag } from './flags.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

export function completion(context: Context, command: Command): Command {
  return describeCommand(context, command, {
    examples: [
      ['source <(retail completion bash)', 'bash, in ~/.bashrc'],
      ['source <(retail completion zsh)', 'zsh, in ~/.zshrc after compinit'],
      ['retail completion fish | source', 'fish, in config.fish'],
    ],
  })
    .addArgument(new Argument('<shell>', 'the shell to complete in').choices(SHELLS).argParser(choiceFlag(SHELLS)))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { describe } = await import('./completion/tree.ts')
      const tree = describe(command.parent!)
      const script = {
        bash: async () => (await import('./completion/bash.ts')).bashScript(tree),
        zsh: async () => (await import('./completion/zsh.ts')).zshScript(tree),
        fish: async () => (await import('./completion/fish.ts')).fishScript(tree),
      }
      context.io.stdout.write(await script[shell]())
    })
}
