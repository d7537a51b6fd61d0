import type { Option } from 'commander'

/** What a shell can offer as the value of a flag. */
export type Values =
  | { kind: 'none' }
  | { kind: 'folder' }
  | { kind: 'file' }
  /** One of the words. If they are examples, any other value of the same form is also valid. */
  | { kind: 'words'; words: readonly string[] }
  /** Several of the words, separated by commas. */
  | { kind: 'list'; words: readonly string[] }

const DAYS = ['today', 'yesterday', '-90d', '-12w', '-3mo', '-1y']

/** Example values for the forms that help shows in angle brackets. Every example is valid, and so are other values. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  '<day>': DAYS,
  '<day|where>': DAYS,
  '<instant>': DAYS,
  '<time>': ['30s', '5m', '1h'],
  '<factor>': ['1', '60', '3600', 'max'],
  '<rate>': ['20', '500', '100k', '100..5000/10m', '500+5000/10s/60s'],
  '<where>': ['-', 'ndjson:events', 'kafka://localhost:9092', 'postgres://localhost/shop'],
  '<i/n>': ['1/2', '2/2', '1/4', '2/4', '3/4', '4/4'],
}

/** Flags whose value has one of these names take a comma-separated list. */
const NAMES = '<names>'

export function valuesOf(option: Option, lists: Readonly<Record<string, readonly string[]>>): Values {
  const [form] = /<[^>]+>/.exec(option.flags) ?? []
  if (form === undefined) return { kind: 'none' }
  if (option.argChoices) return { kind: 'words', words: option.argChoices }
  if (form === '<dir>') return { kind: 'folder' }
  if (form === '<file>' || form === '<table>') return { kind: 'file' }
  const list = form === NAMES ? lists[option.long!] : undefined
  if (list) return { kind: 'list', words: list }
  return EXAMPLES[form] ? { kind: 'words', words: EXAMPLES[form] } : { kind: 'none' }
}
