import { expect, test } from 'vitest'
import { type ManifestNode, parseManifest } from './dbt-manifest.ts'
import { stepsOf } from './dbt-steps.ts'

interface Small {
  needs?: string[]
  ephemeral?: boolean
  disabled?: boolean
}

/** The nodes of a manifest with these ids. */
function nodesOf(all: Record<string, Small>): ManifestNode[] {
  const raw = Object.entries(all).map(([id, { needs = [], ephemeral = false, disabled = false }]) => {
    const [kind, project, ...rest] = id.split('.')
    const node = { unique_id: id, package_name: project, resource_type: kind, schema: 'marts', name: rest[0] }
    return [
      id,
      {
        ...node,
        fqn: [project, ...rest],
        depends_on: { nodes: needs },
        original_file_path: `${rest[0]}.sql`,
        config: { materialized: ephemeral ? 'ephemeral' : 'table', enabled: !disabled },
      },
    ] as const
  })
  const unit = raw.filter(([id]) => id.startsWith('unit_test.'))
  return parseManifest(
    JSON.stringify({
      nodes: Object.fromEntries(raw.filter((each) => !unit.includes(each))),
      unit_tests: Object.fromEntries(unit),
    }),
  )
}

const PROJECT = {
  'model.shop.report': { needs: ['model.retail.sales', 'model.shop.between'] },
  'model.shop.between': { needs: ['seed.shop.targets'], ephemeral: true },
  'seed.shop.targets': {},
  'model.retail.sales': { needs: ['model.retail.lines', 'source.retail.raw.transactions'] },
  'model.retail.lines': { needs: ['source.retail.raw.transactions'] },
  'model.retail.stock': {},
  'test.retail.lines_are_unique.1': { needs: ['model.retail.lines'] },
  'test.retail.sales_agree_with_stock': { needs: ['model.retail.stock', 'model.retail.sales'] },
  'test.shop.between_is_sound.2': { needs: ['model.shop.between'] },
  'test.retail.source_is_fresh.3': { needs: ['source.retail.raw.transactions'] },
  'unit_test.shop.report.adds_up': { needs: ['model.shop.report'] },
}

test('each step follows those that it and its tests need, and an ephemeral model is none', () => {
  const steps = stepsOf(nodesOf(PROJECT))
  expect(steps.map(({ name, after, tests }) => ({ name, after, tests }))).toEqual([
    { name: 'lines', after: [], tests: ['test.retail.lines_are_unique.1', 'test.retail.source_is_fresh.3'] },
    { name: 'sales', after: ['lines'], tests: [] },
    { name: 'stock', after: ['sales'], tests: ['test.retail.sales_agree_with_stock'] },
    { name: 'targets', after: [], tests: ['test.shop.between_is_sound.2'] },
    { name: 'report', after: ['sales', 'targets'], tests: ['unit_test.shop.report.adds_up'] },
  ])
  const disabled = { 'test.retail.customers_are_unique.4': { disabled: true } }
  expect(stepsOf(nodesOf({ ...PROJECT, ...disabled }))).toEqual(steps)
  expect(steps.at(-1)!.select).toEqual(['fqn:shop.report', 'fqn:shop.report.adds_up'])
})

test('every test belongs to one step, in whatever order a manifest lists its nodes', () => {
  const nodes = nodesOf(PROJECT)
  const steps = stepsOf(nodes)
  expect(steps.flatMap(({ tests }) => tests).sort()).toEqual(
    Object.keys(PROJECT)
      .filter((id) => /^(unit_)?test\./.test(id))
      .sort(),
  )
  expect(stepsOf(nodes.toReversed()).map(({ id, after }) => ({ id, after }))).toEqual(
    steps.map(({ id, after }) => ({ id, after })),
  )
})

test('a name that two projects have is told apart by the project', () => {
  const nodes = nodesOf({ 'model.retail.sales': {}, 'model.shop.sales': { needs: ['model.retail.sales'] } })
  expect(stepsOf(nodes).map(({ name, after }) => [name, after])).toEqual([
    ['sales', []],
    ['shop.sales', ['sales']],
  ])
})
