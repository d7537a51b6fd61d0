import { closest, oneOf } from '../config/closest.ts'
import { OWN_PANEL_FORMATS, OWN_PANEL_TYPES, type OwnPanel } from '../ports/index.ts'

const KEYS = ['type', 'title', 'x', 'y', 'format']
const MOST_LINES = 5
/** Names that every database writes the same. */
const NAME = /^[A-Za-z_]\w{0,127}$/

/** `meta.dashboard` of a model, or what is wrong with it. */
export function parseOwnPanel(table: string, given: unknown): OwnPanel | { wrong: string } {
  const wrong = (text: string) => ({ wrong: text })
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return wrong('expected keys such as type, x, and y')
  const found = given as Record<string, unknown>
  const unknown = Object.keys(found).find((key) => !KEYS.includes(key))
  if (unknown !== undefined) {
    const near = closest(unknown, KEYS)
    return wrong(`${unknown} is not one of ${oneOf(KEYS)}${near ? `; did you mean ${near}?` : ''}`)
  }
  const { title = table.replaceAll('_', ' '), x } = found
  const type = OWN_PANEL_TYPES.find((each) => each === found.type)
  if (!type) return wrong(`type must be ${oneOf(OWN_PANEL_TYPES)}`)
  const format = OWN_PANEL_FORMATS.find((each) => each === (found.format ?? 'count'))
  if (!format) return wrong(`format must be ${oneOf(OWN_PANEL_FORMATS)}`)
  if (typeof title !== 'string' || title.trim() === '' || title.length > 100)
    return wrong('title must be a text of at most 100 characters')
  const y = (Array.isArray(found.y) ? found.y : found.y === undefined ? [] : [found.y]) as unknown[]
  for (const [key, name] of [...y.map((each) => ['y', each]), ...(x === undefined ? [] : [['x', x]])])
    if (typeof name !== 'string' || !NAME.test(name)) return wrong(`${key} must name columns of the model`)
  if (!NAME.test(table)) return wrong('the name of its table must consist of letters, digits, and _')
  if (type !== 'table' && y.length === 0) return wrong(`a ${type} needs y, the column of its numbers`)
  if ((type === 'line' || type === 'bar') && x === undefined) return wrong(`a ${type} needs x, the column of its names`)
  if ((type === 'number' || type === 'table') && x !== undefined) return wrong(`a ${type} has no x`)
  const most = type === 'line' ? MOST_LINES : 1
  if (type !== 'table' && y.length > most) return wrong(`a ${type} has at most ${most} y`)
  return { table, type, title, ...(x === undefined ? {} : { x: x as string }), y: y as string[], format }
}
