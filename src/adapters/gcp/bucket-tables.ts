import type { Storage } from '@google-cloud/storage'
import { broken, type DamagedFile } from '../../ports/damage.ts'
import type { Cover, LakeLayout } from '../../ports/index.ts'
import { dimensionKey, LAKE_NAMES } from '../../ports/layout.ts'
import { dimensions, facts, type TableName, type WorldSchema } from '../../tables/index.ts'
import { keysOf, namedFile, sizesOf, whyWrong } from '../delta/table-files.ts'
import { commitFiles, LOG, type LogState, metadataOf, startState } from '../delta/table-log.ts'
import type { BucketLake } from './bucket-lake.ts'
import { bucketLog } from './bucket-log.ts'
import { gcpTarget } from './target.ts'

/** What a publish found in the lake, and has loaded into raw. */
export interface LoadedLake {
  world: string
  layout: LakeLayout
  cover: Cover
}

/** The Delta tables of a lake in a bucket. */
export interface BucketTables {
  /** Reads the logs; a publish does so before it looks at the lake, so that a commit never undoes a newer one. */
  start(): Promise<StartedTables>
  /**
   * The logs that cannot be read, or that do not name exactly the lake's files. `sameHistory`: whether the lake's history is the
   * published one; otherwise, nobody knows which facts they should name.
   */
  damage(lake: Pick<LoadedLake, 'layout' | 'cover'>, sameHistory: boolean): Promise<DamagedFile[]>
}

export interface StartedTables {
  /**
   * Makes each log name what raw names. `short`: parts that raw names are missing, so the logs of facts stay as they are until
   * these are made again. False: another publish has committed since the logs were read.
   */
  commit(loaded: LoadedLake, short: boolean): Promise<boolean>
}

const ALL = [...dimensions, ...facts]

export function bucketTables(
  storage: Storage,
  bucketName: string,
  lake: BucketLake,
  schema: WorldSchema,
): BucketTables {
  const logOf = (table: TableName) => bucketLog(storage, bucketName, `${lake.folder}/${table}`)

  /** The keys that each log is to name; a table is left out if its log must not change. */
  function named(
    { layout, cover }: Pick<LoadedLake, 'layout' | 'cover'>,
    withFacts: boolean,
  ): Map<TableName, string[]> {
    const sizes = sizesOf(layout)
    const keys = new Map<TableName, string[]>()
    for (const { name } of dimensions) if (layout.dimensions[name]) keys.set(name, [dimensionKey(name, LAKE_NAMES)])
    for (const { name } of withFacts ? facts : []) {
      const ofFact = keysOf(cover, name, (key) => sizes.has(key))
      if (ofFact) keys.set(name, ofFact)
    }
    return keys
  }

  return {
    async start() {
      const states = new Map<TableName, LogState | undefined>()
      await Promise.all(ALL.map(async ({ name }) => states.set(name, await startState(logOf(name)))))
      return {
        async commit(loaded, short) {
          const sizes = sizesOf(loaded.layout)
          for (const { name } of dimensions)
            for (const { key, sizeBytes } of await lake.objects(dimensionKey(name, LAKE_NAMES)))
              sizes.set(key, sizeBytes)
          for (const [table, keys] of named(loaded, !short)) {
            const state = states.get(table)
            if (!state && keys.length === 0) continue
            const { lake: traits } = gcpTarget
            const months = facts.some(({ name }) => name === table)
            const metadata = metadataOf(ALL.find(({ name }) => name === table)!, loaded.world, {
              ...{ schema, months },
              timestamps: traits.timestamps,
            })
            const files = keys.map((key) => namedFile(table, key, sizes.get(key)!))
            if (!(await commitFiles(logOf(table), state, files, metadata))) return false
          }
          return true
        },
      }
    },

    async damage(found, sameHistory) {
      const keys = named(found, sameHistory)
      const wrong = await Promise.all(
        ALL.map(async ({ name }) => {
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
