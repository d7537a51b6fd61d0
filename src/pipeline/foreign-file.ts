import { advise, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import type { Damage } from '../ports/damage.ts'
import type { Lake } from '../ports/index.ts'

/** Refuses one file of another world that lies among ours. `repair` moves it; no command overwrites it. */
export function foreignFile(file: string, { why }: Damage, handled: 'by repair' | 'by hand'): RetailError {
  return new RetailError('foreign_world', `${file} cannot be used: ${why}`, {
    why: 'the other files here belong to the world in retail.yaml, and worlds are never mixed',
    hint:
      handled === 'by repair'
        ? advise`${retail('repair')} moves this file aside and regenerates the right one`
        : 'move it elsewhere, then run the same command again',
  })
}

/** The same for a file of a lake or an export, by its key. */
export const foreignKey = (
  { location, traits }: Pick<Lake, 'location' | 'traits'>,
  key: string,
  damage: Damage,
): RetailError => foreignFile(`${location}/${key}`, damage, traits.repairs ? 'by repair' : 'by hand')
