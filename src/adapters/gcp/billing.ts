import type { Config } from '../../config/schema.ts'
import type { IsBilled } from '../../ports/index.ts'
import { openRest } from './rest-client.ts'
import { explainCloudError } from './retry.ts'

/** Asks Cloud Billing, for which the right to see the project is enough (projects.getBillingInfo). */
export function billing(config: Config, env: NodeJS.ProcessEnv = process.env): IsBilled {
  return async (signal) => {
    const { cloud, ask } = await openRest(config, 'cloudbilling', env)
    const { project } = cloud.gcp
    try {
      const { billingEnabled = false } = await ask<{ billingEnabled?: boolean }>(`v1/projects/${project}/billingInfo`, {
        signal,
      })
      return billingEnabled
    } catch (error) {
      throw explainCloudError(error, `checking the billing of project ${project}`)
    }
  }
}
