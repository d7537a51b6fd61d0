import type { DamagedFile } from './damage.ts'
import type { Unable } from './target.ts'

/**
 * Who keeps the files of lake and warehouse sound: retail checks and repairs them, or the service does and there is
 * nothing to repair.
 */
export type Upkeep = {
  /** Files that follow from the lake and are damaged, or belong to another world than this one: databases, logs of tables. */
  damage(world: string): Promise<DamagedFile[]>
} & (
  | {
      readonly can: true
      /** How the database differs from what was published into it, although every part of it can be read; undefined if it does not. */
      changed(): Promise<string | undefined>
      /** Removes such a file; a foreign file is kept under another name. Resolves to a description of what was done. */
      drop(damage: DamagedFile): Promise<string>
      /** Moves a file of another world out of the lake. Resolves to a description that names its new place. */
      setAside(key: string): Promise<string>
    }
  | Unable
)
