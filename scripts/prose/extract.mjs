// Extracts the prose of a file. Everything else becomes filler of the same length, so that offsets stay valid.
import path from 'node:path'
import { parseSync } from 'oxc-parser'

/** Replaces characters that are not prose. Patterns do not match across it. */
export const FILLER = '\u2423'

/** Comments that start with these words are for tools. */
const DIRECTIVE = /^\s*(biome-ignore|@ts-|@vitest|c8 ignore|shellcheck|hadolint|yaml-language-server|Vitest Snapshot)/

/** The prose of a file, and the extension for textlint. Undefined: the file contains no prose. */
export function proseOf(file, text) {
  const ext = path.extname(file)
  if (ext === '.md') return { ext: '.md', text }
  if (ext === '.snap') return plain(text, snapshotRanges(text))
  if (['.ts', '.mjs', '.cjs', '.js'].includes(ext)) return plain(text, scriptRanges(file, text))
  if (['.sql', '.yml', '.yaml', '.tf', '.hcl', '.py', '.sh', '.toml'].includes(ext) || isMakefile(file))
    return plain(text, lineRanges(text))
  return undefined
}

const isMakefile = (file) => ['Makefile', 'Dockerfile', 'compose.yaml'].includes(path.basename(file))

/** Keeps the ranges, without their comment markers, and fills the rest; white space stays, so that a sentence may span line comments. */
function plain(text, ranges) {
  let out = ''
  let at = 0
  for (const [start, end] of ranges) {
    out += fill(text.slice(at, start)) + withoutMarkers(text.slice(start, end))
    at = end
  }
  return { ext: '.txt', text: out + fill(text.slice(at)) }
}

const fill = (text) => text.replaceAll(/\S/g, FILLER)
const withoutMarkers = (text) =>
  text.replaceAll(/^[ \t]*(\*+|\/\/+|#+|--+)(?= |$)/gm, (marker) => ' '.repeat(marker.length))

/** The output of a command: the text of each snapshot. */
function snapshotRanges(text) {
  return [...text.matchAll(/^exports\[`(?:\\.|[^`\\])*`\] = `\n((?:\\[\s\S]|[^`\\])*)`;$/gm)].map((match) => {
    const start = match.index + match[0].indexOf('] = `\n') + 6
    return [start, start + match[1].length]
  })
}

/** Comments, and strings of at least three words: messages, help, descriptions. */
function scriptRanges(file, text) {
  const { program, comments } = parseSync(file, text)
  const ranges = comments
    .filter(({ value }) => !DIRECTIVE.test(value))
    .map(({ type, start, end }) => (type === 'Block' ? [start + 2, end - 2] : [start, end]))
  visit(program, (node) => {
    const text = node.type === 'TemplateElement' ? node.value.raw : node.type === 'Literal' ? node.value : undefined
    if (typeof text === 'string' && /[a-z]+ [a-z]+ [a-z]+/.test(text)) ranges.push([node.start, node.end])
  })
  return ranges.sort(([a], [b]) => a - b).filter(([start], at, all) => at === 0 || start >= all[at - 1][1])
}

function visit(node, on) {
  if (Array.isArray(node)) for (const each of node) visit(each, on)
  else if (node && typeof node === 'object') {
    if (node.type) on(node)
    for (const value of Object.values(node)) if (value && typeof value === 'object') visit(value, on)
  }
}

/** Line comments and descriptions: `# …`, `-- …`, `// …`, `description: …`, `description = "…"`. */
function lineRanges(text) {
  const found = text.matchAll(
    /(?:(?<=^[ \t]*|[ \t])(?:#+|--|\/\/) .*|(?<=\b(?:description|help|label)\b["']?\s*[:=] ?).*)$/gm,
  )
  return [...found]
    .filter(([line]) => !DIRECTIVE.test(line.replace(/^\W+/, '')))
    .map((match) => [match.index, match.index + match[0].length])
}
