// textlint rules from vocabulary.yaml and the glossary in CONTRIBUTING.md.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { FILLER } from './extract.mjs'

const file = (name) => readFileSync(new URL(name, import.meta.url), 'utf8')

/** Maximum words per sentence. A colon or semicolon also ends a sentence. */
const LONGEST = 50

/** The phrases of vocabulary.yaml and the banned words of the glossary: `not` is wrong, `use` is right, with a bad and a good sentence. */
export function vocabulary() {
  const { phrases, everyday } = parse(file('vocabulary.yaml'))
  const names = bannedNames(file('../../CONTRIBUTING.md')).filter(({ word }) => !everyday.includes(word))
  return [
    ...phrases,
    ...names.map(({ word, use }) => ({
      not: `${word}s?`,
      use,
      bad: `The ${word} is here.`,
      good: 'The part is here.',
    })),
  ]
}

/** The words that the glossary bans in names, with the term to use. */
function bannedNames(contributing) {
  const [, rest] = contributing.split('| not | but |\n|---|---|\n')
  return rest
    .slice(0, rest.indexOf('\n\n'))
    .split('\n')
    .flatMap((row) => {
      const [, words, use] = row.split('|').map((cell) => cell.replaceAll('`', '').trim())
      return words.split(', ').map((word) => ({ word, use }))
    })
}

/** A phrase as a pattern: case-insensitive, and a space also matches a line break. */
export const patternOf = ({ not }) =>
  new RegExp(`(?<![\\w-])(?:${not.replaceAll(/ +/g, '(?: |[ \\t]*\\n[ \\t]*)+')})(?![\\w-])`, 'gi')

/** Compiled once: textlint creates the rules again for every document. */
const entries = vocabulary().map((entry) => ({ ...entry, pattern: patternOf(entry) }))

/** Reports each phrase of the vocabulary. */
export function phraseRule(context) {
  return {
    [context.Syntax.Document](node) {
      const text = readable(context, node)
      for (const { pattern, use } of entries)
        for (const match of text.matchAll(pattern))
          report(context, node, match.index, `"${match[0].replaceAll(/\s+/g, ' ')}": write ${use}`)
    },
  }
}

/** Reports repeated words. */
export function twiceRule(context) {
  return {
    [context.Syntax.Document](node) {
      for (const match of readable(context, node).matchAll(/(?<![\w-])([a-z]+) \1(?![\w-])/gi))
        if (!['that', 'had'].includes(match[1].toLowerCase()))
          report(context, node, match.index, `"${match[1]}" is repeated`)
    },
  }
}

/** Reports sentences that are too long. */
export function lengthRule(context) {
  return {
    [context.Syntax.Document](node) {
      const text = readable(context, node)
      for (const match of text.matchAll(
        new RegExp(`(?:[^.!?:;|${FILLER}\\n]|[.!?:;](?!\\s)|\\n(?!\\s*(?:\\n|[-*#|]|\\d+\\. )))+`, 'g'),
      )) {
        const words = match[0].split(/\s+/).filter((word) => /[a-z]/i.test(word)).length
        if (words > LONGEST)
          report(
            context,
            node,
            match.index + match[0].search(/\S/),
            `a sentence of ${words} words; the limit is ${LONGEST}`,
          )
      }
    },
  }
}

/** A document with filler in place of code, URLs, and markup. */
function readable(context, node) {
  let text = context.getSource(node)
  const hide = (child) => {
    if (['Code', 'CodeBlock', 'Html', 'HtmlBlock', 'Image'].includes(child.type)) blank(child.range)
    else if (child.type === 'Link') {
      for (const each of child.children) hide(each)
      const end = child.children.at(-1)?.range[1] ?? child.range[0]
      blank([end, child.range[1]])
    } else for (const each of child.children ?? []) hide(each)
  }
  const blank = ([start, end]) => {
    text = text.slice(0, start) + text.slice(start, end).replaceAll(/[^\n]/g, FILLER) + text.slice(end)
  }
  hide(node)
  return text.replaceAll(/[*_]{2}|(?<=\s)[*_](?=\w)|(?<=\w)[*_](?=\W)/g, (markup) => ' '.repeat(markup.length))
}

function report(context, node, index, message) {
  context.report(node, new context.RuleError(message, { padding: context.locator.at(index) }))
}
