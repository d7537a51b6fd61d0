import { Document, isMap, isPair, isScalar, parseDocument, type Scalar, visit } from 'yaml'
import { configSchema } from './schema.ts'
import { type Overrides, type SettingPath, settings } from './settings.ts'

const HEAD = `# yaml-language-server: $schema=.retail/retail.schema.json
# What to generate, and where it goes. Every key has a default. To see the effective values and their sources: retail status --config
`

/**
 * The text of a new `retail.yaml`: every setting of target local, and the cloud settings that have a value, each with
 * its description.
 */
export function newConfigText(values: Overrides): string {
  const { gcp: _later, ...defaults } = configSchema.parse({})
  const cloud = Object.entries(values).flatMap(([path, value]) =>
    path.startsWith('gcp.') ? [[path.slice('gcp.'.length), value]] : [],
  )
  const document = new Document({ ...defaults, ...(cloud.length > 0 && { gcp: Object.fromEntries(cloud) }) })
  apply(document, values)
  visit(document, {
    Pair(_, pair, ancestors) {
      const key = (pair.key as Scalar).value
      const parents = ancestors.filter(isPair).map(({ key }) => (key as Scalar).value)
      const about = settings[[...parents, key].join('.') as SettingPath]
      if (isScalar(pair.value) && about) pair.value.comment = ` ${about}`
      if (isMap(pair.value)) (pair.key as Scalar).spaceBefore = true
    },
  })
  return `${HEAD}${document.toString({ lineWidth: 0 })}`
}

/** The text of an existing `retail.yaml` with other values. Comments, order, and other keys stay unchanged. */
export function changedConfigText(existing: string, values: Overrides): string {
  const document = parseDocument(existing)
  const before = document.toJS() as Record<string, unknown> | null
  const changed = Object.entries(values).filter(([path, value]) => getIn(before, path) !== value)
  if (changed.length === 0) return existing
  apply(document, Object.fromEntries(changed))
  return document.toString({ lineWidth: 0 })
}

function apply(document: Document, values: Overrides): void {
  for (const [path, value] of Object.entries(values)) {
    const node = document.getIn(path.split('.'), true)
    // Changing the scalar in place keeps the comment beside it.
    if (isScalar(node)) node.value = value
    else document.setIn(path.split('.'), value)
  }
}

function getIn(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], value ?? undefined)
}
