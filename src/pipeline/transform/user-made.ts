import path from 'node:path'
import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { Build, OwnMade, OwnPanel, OwnRelation } from '../../ports/index.ts'
import type { ManifestNode } from '../../tools/dbt-manifest.ts'
import { type DbtFailure, OUR_PROJECT } from '../../tools/dbt-results.ts'
import type { DbtPlace } from '../dbt-place.ts'
import { parseOwnPanel } from '../own-panel.ts'

/** What the user's project makes. */
export const userMade = (nodes: readonly ManifestNode[], place: DbtPlace, { env }: Pick<Build, 'env'>): OwnMade => ({
  relations: ownRelations(nodes),
  panels: ownPanels(nodes, place, env.RETAIL_BUILD ?? 'marts').sort((a, b) => (a.table < b.table ? -1 : 1)),
})

/** The file of a failure, from the folder of retail.yaml if it is the user's, and what dbt says about it. */
export interface FailureAt {
  name: string
  file: string | undefined
  message: string
}

export function failureAt(
  { id, name, message }: DbtFailure,
  nodes: readonly ManifestNode[],
  place: DbtPlace,
): FailureAt {
  const node = nodes.find((each) => each.id === id)
  return { name, message, file: node && fileOf(node, place) }
}

const ownRelations = (nodes: readonly ManifestNode[]): OwnRelation[] =>
  nodes.flatMap(({ project, kind, schema, name, isThere }) =>
    project === OUR_PROJECT || kind === 'test' || kind === 'unit_test' || !isThere ? [] : [{ schema, name, kind }],
  )

/** What its models ask the dashboard for. */
const ownPanels = (nodes: readonly ManifestNode[], place: DbtPlace, marts: string): OwnPanel[] =>
  nodes.flatMap((node) => {
    const { kind, name, schema, meta, isThere } = node
    if (kind !== 'model' || !isThere || meta.dashboard === undefined) return []
    const panel =
      schema === marts ? parseOwnPanel(name, meta.dashboard) : { wrong: 'only a table of marts can be shown' }
    if (!('wrong' in panel)) return [panel]
    throw new RetailError('bad_config', `meta.dashboard of the model ${name} is not valid: ${panel.wrong}`, {
      why: 'nothing was published; readers keep the previous marts',
      hint: advise`correct it in the properties of ${fileOf(node, place)}, then run ${retail('transform')}`,
    })
  })

/** `dbt/models/sales_by_size.sql` */
const fileOf = ({ project: of, file }: ManifestNode, { project }: DbtPlace): string =>
  of === OUR_PROJECT ? file : path.join(path.basename(project), file)
