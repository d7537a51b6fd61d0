import type { Storage } from '@google-cloud/storage'
import { broken, type DamagedFile } from '../../ports/damage.ts'
import type { Cover, LakeLayout } from '../../ports/index.ts'
import { dimensionKey, LAKE_NAMES } from '../../ports/layout.ts'
import { dimensionsOf, facts, type TableName, tablesOf, type WorldSchema } from '../../tables/index.ts'
import { keysOf, namedFile, sizesOf, whyWrong } from '../delta/table-files.ts'
import { commitFiles, LOG, type LogState, metadataOf, startState } from '../delta/table-log.ts'
import type { BucketLake } from './bucket-lake.ts'
import { bucketLog } from './bucket-log.ts'
import { gcpTarget } from './target.ts'

/** What a publish found in the lake. */
export interface FoundLake {
  world: string
  layout: LakeLayout
  cover: Cover
  /** Parts that raw names are missing: until these are made again, the logs of facts stay unchanged. */
  short: boolean
}

/** The Delta tables of a lake in a bucket. */
export interface BucketTables {
  /**
   * Makes each log name what raw names, which has what `find` found. The logs are read before that, so no commit undoes a newer
   * one; if another publish commits in the meantime, all of it happens again. Resolves to what was found last.
   */
  commit<T extends FoundLake>(find: () => Promise<T>): Promise<T>
  /**
   * The logs that cannot be read, or that do not name exactly the lake's files. `sameHistory`: whether the lake's history is the
   * published one; otherwise, nobody knows which facts they should name.
   */
  damage(lake: Pick<FoundLake, 'layout' | 'cover'>, sameHistory: boolean): Promise<DamagedFile[]>
}

export function bucketTables(
  storage: Storage,
  bucketName: string,
  lake: BucketLake,
  schema: WorldSchema,
): BucketTables {
  const all = tablesOf(schema)
  const logOf = (table: TableName) => bucketLog(storage, bucketName, `${lake.folder}/${table}`)

  /** The keys that each log is to name; a table is left out if its log must not change. */
  function named({ layout, cover }: Pick<FoundLake, 'layout' | 'cover'>, withFacts: boolean): Map<TableName, string[]> {
    const sizes = sizesOf(layout)
    const keys = new Map<TableName, string[]>()
    for (const { name } of dimensionsOf(schema))
      if (layout.dimensions[name]) keys.set(name, [dimensionKey(name, LAKE_NAMES)])
    for (const { name } of withFacts ? facts : []) {
      const ofFact = keysOf(cover, name, (key) => sizes.has(key))
      if (ofFact) keys.set(name, ofFact)
    }
    return keys
  }

  async function readStates(): Promise<Map<TableName, LogState | undefined>> {
    const states = all.map(async ({ name }) => [name, await startState(logOf(name))] as const)
    return new Map(await Promise.all(states))
  }

  /** False: another publish has committed since the logs were read. */
  async function commitOnce(states: Awaited<ReturnType<typeof readStates>>, found: FoundLake): Promise<boolean> {
    const sizes = sizesOf(found.layout)
    for (const { name } of dimensionsOf(schema))
      for (const { key, sizeBytes } of await lake.objects(dimensionKey(name, LAKE_NAMES))) sizes.set(key, sizeBytes)
    for (const [name, keys] of named(found, !found.short)) {
      const state = states.get(name)
      if (!state && keys.length === 0) continue
      const months = facts.some((fact) => fact.name === name)
      const { timestamps } = gcpTarget.lake
      const metadata = metadataOf(all.find((table) => table.name === name)!, found.world, {
        schema,
        months,
        timestamps,
      })
      const files = keys.map((key) => namedFile(name, key, sizes.get(key)!))
      if (!(await commitFiles(logOf(name), state, files, metadata))) return false
    }
    return true
  }

  return {
    async commit(find) {
      for (;;) {
        const states = await readStates()
        const found = await find()
        if (await commitOnce(states, found)) return found
      }
    },

    async damage(found, sameHistory) {
      const keys = named(found, sameHistory)
      const wrong = await Promise.all(
        all.map(async ({ name }) => {
          const why = await whyWrong(
            logOf(name),
            keys.get(name)?.map((key) => key.slice(name.length + 1)),
          )
          const file = `${lake.location}/${name}/${LOG}`
          return why === undefined ? [] : [{ file, follows: 'raw' as const, ...broken(why) }]
        }),
      )
      return wrong.flat()
    },
  }
}
