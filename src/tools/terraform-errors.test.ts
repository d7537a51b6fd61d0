import { describe, expect, test } from 'vitest'
import { errorText, explainTerraform } from './terraform-errors.ts'

const framed = (text: string) => ['╷', ...text.split('\n').map((line) => `│ ${line}`), '╵']
const explain = (text: string, doing = 'apply') => {
  const { code, exitCode, message, why, hint } = explainTerraform({
    doing,
    project: 'a-shop',
    lines: ['module.lake.google_storage_bucket.this: Creating...', ...framed(text)],
    byHand: 'terraform -chdir=.retail/terraform',
    log: 'infra-1.log',
  })
  return { code, exitCode, message, why, hint }
}

describe('an error of terraform is reported with its fix', () => {
  test.each([
    [
      'no credentials',
      'Error: Attempted to load application default credentials since neither `credentials` nor `access_token` was set in the provider block.  No credentials loaded. To use your gcloud credentials, run \'gcloud auth application-default login\'\n\n  with provider["registry.terraform.io/hashicorp/google"],\n  on main.tf line 13, in provider "google":',
    ],
    [
      'credentials that expired',
      'Error: Error when reading or editing Project Service : Request `Batch "project/a-shop/services:batchEnable"` returned error: oauth2: "invalid_grant" "Token has been expired or revoked."',
    ],
    [
      'an API that is not enabled',
      'Error: Error creating Topic: googleapi: Error 403: Cloud Pub/Sub API has not been used in project a-shop before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/pubsub.googleapis.com/overview?project=a-shop then retry.\nDetails:\n[\n  {\n    "reason": "SERVICE_DISABLED"\n  }\n]',
    ],
    [
      'a permission that is missing',
      "Error: googleapi: Error 403: jo@example.com does not have storage.buckets.create access to the Google Cloud project. Permission 'storage.buckets.create' denied on resource (or it may not exist)., forbidden\n\n  with module.lake.google_storage_bucket.this,",
    ],
    [
      'a permission without its name',
      'Error: Error creating Topic: googleapi: Error 403: User not authorized to perform this action.\n\n  with module.events.google_pubsub_topic.fact["transactions"],\n  on modules/events/main.tf line 24',
    ],
    [
      'an account that may not be impersonated',
      "Error: googleapi: Error 403: Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
    ],
    [
      'a bucket name of somebody else',
      'Error: googleapi: Error 409: The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again., conflict',
    ],
    [
      'an existing dataset',
      'Error: Error creating Dataset: googleapi: Error 409: Already Exists: Dataset a-shop:retail_raw, duplicate\n\n  with module.warehouse.google_bigquery_dataset.layer["raw"],\n  on modules/warehouse/main.tf line 21',
    ],
    [
      'a state that is locked',
      'Error: Error acquiring the state lock\n\nError message: writing "gs://a-shop-tfstate/default.tflock" failed\nLock Info:\n  ID:        1763889999\n  Path:      gs://a-shop-tfstate/default.tflock\n  Operation: OperationTypeApply\n  Who:       jo@laptop\n  Version:   1.11.4\n  Created:   2026-11-23 09:00:00 +0000 UTC\n',
    ],
    [
      'a provider that cannot be fetched',
      'Error: Failed to query available provider packages\n\nCould not retrieve the list of available versions for provider hashicorp/google: could not connect to registry.terraform.io: failed to request discovery document',
    ],
    [
      'a table that is protected',
      'Error: Instance cannot be destroyed without setting deletion_protection=false and running `terraform apply`',
    ],
    [
      'no billing',
      'Error: googleapi: Error 403: The billing account for the owning project is disabled in state absent, accountDisabled',
    ],
    [
      'no network',
      'Error: Error creating Topic: Post "https://pubsub.googleapis.com/v1/": dial tcp: lookup pubsub.googleapis.com: no such host',
    ],
    ['anything else', 'Error: Something odd\n\nIt happened here.'],
  ])('%s', (_name, text) => expect(explain(text)).toMatchSnapshot())
})

test('the frame around an error is taken off, and what came before it', () => {
  expect(errorText(['Creating...', ...framed('Error: one\n\n  two')])).toBe('Error: one\n\ntwo')
  expect(errorText(['no frame at all'])).toBe('no frame at all')
})
