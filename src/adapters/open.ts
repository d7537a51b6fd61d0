import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { Ports } from '../ports/index.ts'

/** The one place where plug meets socket. */
export async function openPorts(config: Config): Promise<Ports> {
  switch (config.target) {
    case 'local':
      return (await import('./local/index.ts')).openLocal(config)
    case 'gcp':
      throw notBuilt()
  }
}

/** All that a worker thread needs: it writes parts and caches snapshots, and knows no warehouse. */
export async function openWorkerPorts(config: Config): Promise<Pick<Ports, 'lake' | 'workspace'>> {
  switch (config.target) {
    case 'local':
      return (await import('./local/index.ts')).openLocal(config)
    case 'gcp':
      throw notBuilt()
  }
}

const notBuilt = () =>
  new RetailError('bad_config', 'target gcp is not part of this version', {
    why: 'only the local target is built so far',
    hint: 'set target: local in retail.yaml, or pass --target local',
  })
