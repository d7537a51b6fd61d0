import type { Config } from '../../config/schema.ts'
import type { MakeAgents } from '../../ports/index.ts'
import { openRest } from './rest-client.ts'
import { explainCloudError, isTransient, retrySite } from './retry.ts'

const PATIENCE_MS = 60_000

/**
 * Creates the account with which a service acts in the project. Enabling a service does not always create it, and until
 * then no role can be granted to it ("Create and grant roles to service agents", IAM documentation). The resource for
 * this, google_project_service_identity, exists in the beta provider alone; it makes the same call. The account of
 * Cloud Storage comes from its own data source.
 */
export function serviceAgents(config: Config, env: NodeJS.ProcessEnv = process.env): MakeAgents {
  const site = retrySite('Service Usage', { patienceMs: PATIENCE_MS })
  return async (services, signal) => {
    const { cloud, ask } = await openRest(config, 'serviceusage', env)
    for (const service of services) {
      const path = `v1beta1/projects/${cloud.gcp.project}/services/${service}.googleapis.com:generateServiceIdentity`
      await site
        .run(() => ask(path, { method: 'POST', data: {}, signal }), isTransient, signal)
        .catch((error) => {
          throw explainCloudError(error, `creating the service agent of ${service}.googleapis.com`)
        })
    }
  }
}
