import type { OwnMade, OwnRelation } from '../ports/index.ts'

export const NOTHING_OWN: OwnMade = { relations: [], panels: [] }

/**
 * What a database has of the user's project after a build, and what has left it. `before`: what the last build recorded;
 * `makes`: what this one made; undefined: as before. A build of a `part` leaves what the project no longer makes, and
 * only that of the `whole` gives up a snapshot, whose rows exist nowhere else.
 */
export function madeAfter(
  before: OwnMade,
  makes: OwnMade | undefined,
  { part, whole }: { part: boolean; whole: boolean },
): { made: OwnMade; left: OwnRelation[] } {
  if (!makes) return { made: before, left: [] }
  const isMade = ({ schema, name }: OwnRelation) =>
    makes.relations.some((other) => other.schema === schema && other.name === name)
  const gone = before.relations.filter((each) => !isMade(each))
  const stays = ({ kind }: OwnRelation) => part || (kind === 'snapshot' && !whole)
  return {
    made: {
      relations: [...makes.relations, ...gone.filter(stays)],
      panels: part ? before.panels : makes.panels,
    },
    left: gone.filter((each) => !stays(each)),
  }
}
