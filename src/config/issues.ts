import { isMap, isScalar, type LineCounter, type ParsedNode } from 'yaml'
import type * as z from 'zod'
import { closest, oneOf } from './closest.ts'
import { settingPaths } from './settings.ts'

/** The source of a value in the config. */
export type Source = 'flag' | 'environment' | '.env' | 'file' | 'default'

/** What an issue needs to name its location: the nodes of the file, and the values that came from elsewhere. */
export interface Origin {
  /** The file's path, relative to the current folder. */
  file: string
  contents: ParsedNode | null
  lines: LineCounter
  /** Values that came from elsewhere: path -> `RETAIL_STORES`, `.env RETAIL_STORES` or `--stores`. */
  names: ReadonlyMap<string, string>
  /** Paths of all keys of the file; default: those of retail.yaml. */
  keys?: readonly string[]
}

type Path = readonly PropertyKey[]

/** `retail.yaml:12:11 world.stores: expected integer, got "abc"`: one line, or several for unknown keys. */
export function describeIssue(issue: z.core.$ZodIssue, input: unknown, origin: Origin): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const path = [...issue.path, key]
      return `${placeOf(path, origin, true)} ${path.join('.')}: unknown key${suggestKey(issue.path, key, origin.keys ?? ['version', ...settingPaths, 'sinks'])}`
    })
  return [`${placeOf(issue.path, origin, false)} ${issue.path.join('.') || 'config'}: ${sentenceOf(issue, input)}`]
}

function sentenceOf(issue: z.core.$ZodIssue, input: unknown): string {
  const value = valueAt(input, issue.path)
  const got = value === undefined ? 'got nothing' : `got ${shortJson(value)}`
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPE_NAMES[issue.expected] ?? issue.expected}, ${got}`
    case 'invalid_value': {
      const near = typeof value === 'string' ? closest(value, issue.values.map(String)) : undefined
      return `expected ${oneOf(issue.values.map(String))}, ${got}${near ? `; did you mean ${near}?` : ''}`
    }
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message
    case 'too_small':
      return issue.origin === 'string' ? 'expected some text' : `expected at least ${issue.minimum}, ${got}`
    case 'too_big':
      return `expected at most ${issue.maximum}, ${got}`
    default:
      return value === undefined || typeof value === 'object' || issue.message.includes('(')
        ? issue.message
        : `${issue.message}, ${got}`
  }
}

const TYPE_NAMES: Record<string, string> = {
  int: 'integer',
  number: 'integer',
  string: 'text',
  object: 'a section',
  record: 'a section',
}

function suggestKey(parent: Path, key: string, keys: readonly string[]): string {
  const here = parent.length === 0 ? '' : `${parent.join('.')}.`
  const siblings = new Set(
    keys.filter((path) => path.startsWith(here)).map((path) => path.slice(here.length).split('.')[0]),
  )
  const near = closest(key, [...siblings])
  if (near) return `; did you mean ${near}?`
  const elsewhere = keys.find((path) => path.split('.').at(-1) === key)
  return elsewhere
    ? `; it belongs under ${elsewhere.split('.')[0]}: ${elsewhere}`
    : `; valid keys here: ${[...siblings].join(', ')}`
}

/** `retail.yaml:12:11`, or the flag or variable that set the value. */
function placeOf(path: Path, origin: Origin, ofKey: boolean): string {
  const name = origin.names.get(path.join('.'))
  if (name) return name
  const offset = offsetOf(path, origin.contents, ofKey)
  if (offset === undefined) return origin.file
  const { line, col } = origin.lines.linePos(offset)
  return `${origin.file}:${line}:${col}`
}

/** Offset of the value at `path`, of its key, or of the deepest existing section on the way to a missing value. */
function offsetOf(path: Path, contents: ParsedNode | null, ofKey: boolean): number | undefined {
  let node: unknown = contents
  let offset: number | undefined = contents?.range?.[0]
  for (const [depth, step] of path.entries()) {
    if (!isMap(node)) break
    const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step))
    if (!pair) break
    const [key, value] = [pair.key as ParsedNode, pair.value as ParsedNode | null]
    const wanted = ofKey && depth === path.length - 1 ? key : (value ?? key)
    offset = wanted.range?.[0] ?? offset
    // A section is located by its key, not by its first line.
    if (isMap(value)) offset = key.range?.[0] ?? offset
    node = value
  }
  return offset
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<PropertyKey, unknown>)[step]
  }
  return value
}

function shortJson(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a section'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
