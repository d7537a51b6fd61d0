import type { ManifestNode } from './dbt-manifest.ts'
import { OUR_PROJECT } from './dbt-results.ts'

/** A model, seed, or snapshot, with the tests that can run as soon as it is built: what one call of dbt builds. */
export interface DbtStep {
  /** Its name; with that of its project, if another one has it, too. */
  name: string
  /** The steps that come before it. */
  after: string[]
  /** Its id. */
  id: string
  /** The ids of its tests. */
  tests: string[]
  /** What to select. */
  select: string[]
}

/**
 * The steps of a build, each after those that it needs. Every test belongs to one: the last that it reads, and one that reads
 * none to the first of all.
 */
export function stepsOf(nodes: readonly ManifestNode[]): DbtStep[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const built = inOrder(nodes.filter(({ isThere }) => isThere))
  const place = new Map(built.map(({ id }, i) => [id, i]))
  const tests: ManifestNode[][] = built.map(() => [])
  for (const node of nodes)
    if (isTest(node)) tests[Math.max(0, ...readsOf(node).map((id) => place.get(id)!))]?.push(node)
  const names = namesOf(built)
  return built.map((node, i) => {
    const before = new Set([node, ...tests[i]].flatMap(readsOf))
    before.delete(node.id)
    return {
      name: names[i],
      after: [...before].sort((a, b) => place.get(a)! - place.get(b)!).map((id) => names[place.get(id)!]),
      id: node.id,
      tests: tests[i].map(({ id }) => id),
      select: [node, ...tests[i]].map(({ fqn }) => `fqn:${fqn}`),
    }
  })

  /** What is in the database of what it reads; an ephemeral model is replaced by what it reads. */
  function readsOf({ needs }: ManifestNode): string[] {
    const found = needs.flatMap((id) => {
      const node = byId.get(id)
      if (!node) return []
      return node.isThere ? [id] : readsOf(node)
    })
    return [...new Set(found)]
  }

  function inOrder(all: readonly ManifestNode[]): ManifestNode[] {
    const left = [...all].sort((a, b) => (a.id < b.id ? -1 : 1))
    const done = new Set<string>()
    const ordered: ManifestNode[] = []
    while (left.length > 0) {
      const next = left.findIndex((node) => readsOf(node).every((id) => done.has(id)))
      if (next < 0) throw new Error(`models need each other: ${left.map(({ id }) => id).join(', ')}`)
      const [node] = left.splice(next, 1)
      done.add(node.id)
      ordered.push(node)
    }
    return ordered
  }
}

const isTest = ({ kind }: ManifestNode): boolean => kind === 'test' || kind === 'unit_test'

function namesOf(built: readonly ManifestNode[]): string[] {
  const bare = built.map(({ id }) => id.split('.').slice(2).join('.'))
  return built.map(({ project }, i) => {
    const isAmbiguous = project !== OUR_PROJECT && bare.filter((name) => name === bare[i]).length > 1
    return isAmbiguous ? `${project}.${bare[i]}` : bare[i]
  })
}
