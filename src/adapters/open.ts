import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'

/** The one place where plug meets socket. */
export async function openPorts(config: Config): Promise<Ports> {
  switch (config.target) {
    case 'local':
      return (await import('./local/index.ts')).openLocal(config)
    case 'gcp':
      return (await import('./gcp/index.ts')).openGcp(config)
  }
}

/** All that a worker thread needs: it writes parts and caches snapshots, and knows no warehouse. */
export async function openWorkerPorts(config: Config): Promise<Pick<Ports, 'lake' | 'workspace'>> {
  switch (config.target) {
    case 'local':
      return (await import('./local/index.ts')).openLocal(config)
    case 'gcp':
      return (await import('./gcp/index.ts')).openGcpLake(config)
  }
}
