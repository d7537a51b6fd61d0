// Lints prose with textlint: technical terms (textlint-rule-terminology), and our own rules.
import { TextlintKernel } from '@textlint/kernel'
import markdown from '@textlint/textlint-plugin-markdown'
import plain from '@textlint/textlint-plugin-text'
import terminology from 'textlint-rule-terminology'
import { proseOf } from './extract.mjs'
import { lengthRule, phraseRule, twiceRule } from './rules.mjs'

const kernel = new TextlintKernel()
const options = {
  plugins: [
    { pluginId: 'markdown', plugin: markdown.default ?? markdown },
    { pluginId: 'text', plugin: plain.default ?? plain },
  ],
  rules: [
    { ruleId: 'phrase', rule: phraseRule },
    { ruleId: 'twice', rule: twiceRule },
  ],
}
/** For pages only: comments spell names the way code does. */
const pageRules = [
  { ruleId: 'length', rule: lengthRule },
  {
    ruleId: 'terminology',
    rule: terminology.default ?? terminology,
    // This project writes `id`, like its columns, and the names of shells and files as they are typed.
    options: { exclude: ['ID', "id['’]?s", 'Bash', 'Zsh', 'Git', 'readme(s)?'] },
  },
]

/** The faults in the prose of a file: `{ file, line, message }[]`. */
export async function lint(file, text) {
  const prose = proseOf(file, text)
  if (!prose) return []
  const rules = prose.ext === '.md' ? [...options.rules, ...pageRules] : options.rules
  const { messages } = await kernel.lintText(prose.text, { ...options, rules, ext: prose.ext, filePath: file })
  return messages.map(({ line, message }) => ({ file, line, message }))
}
