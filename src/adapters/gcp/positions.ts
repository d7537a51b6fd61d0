import type { Storage } from '@google-cloud/storage'
import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import { type Broker, type Position, type Shard, shardInFile, shardName } from '../../ports/index.ts'
import { type Document, document } from './state.ts'

/** Positions of streams, each an object of the bucket that is replaced only if it is the version that was read. */
export function positionsIn(storage: Storage, bucket: string): Pick<Broker, 'position' | 'savePosition'> {
  const opened = new Map<string, { document: Document<Position>; generation: string | 0 | undefined }>()
  const open = (shard: Shard | undefined) => {
    const name = nameOf(shard)
    const known = opened.get(name) ?? { document: document<Position>(storage, bucket, name), generation: undefined }
    opened.set(name, known)
    return known
  }
  return {
    async position(shard) {
      const place = open(shard)
      const read = await place.document.read()
      place.generation = read?.generation ?? 0
      return read?.value
    },

    async savePosition(next, shard) {
      const place = open(shard)
      place.generation ??= (await place.document.read())?.generation ?? 0
      place.generation = await place.document.write(next, place.generation)
      if (place.generation === undefined)
        throw new RetailError('busy', 'another stream is writing the same timeline', {
          why: `it moved the position in gs://${bucket}/${nameOf(shard)} while this one was running`,
          hint: advise`stop the other one, or wait a moment and run ${retail('stream', ...(shard ? ['--shard', shardName(shard)] : []))} again`,
        })
    },
  }
}

/** `state/position-2-of-4.json` */
const nameOf = (shard: Shard | undefined): string =>
  `state/position${shard ? `-${shardInFile(shardName(shard))}` : ''}.json`
