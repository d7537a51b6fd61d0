import { describe, expect, test } from 'vitest'
import { passesByWaiting } from './first-apply.ts'
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
    // Published: terraform-google-modules/terraform-google-gke-gitlab #83.
    [
      'a bucket that an organization policy forbids',
      "Error: googleapi: Error 412: Request violates constraint 'constraints/storage.uniformBucketLevelAccess', conditionNotMet\n\n  with module.lake.google_storage_bucket.this,",
    ],
    [
      'a location that an organization policy forbids',
      "Error: googleapi: Error 412: 'us' violates constraint 'constraints/gcp.resourceLocations', conditionNotMet",
    ],
    // terraform-google-modules/terraform-google-cloud-storage #4.
    [
      'another form of a policy',
      "Error: googleapi: Error 412: Constraint 'constraints/storage.bucketPolicyOnly' violated for 'projects/1' enabling legacy object ACLs, conditionNotMet",
    ],
    // GoogleCloudPlatform/genai-for-marketing #139.
    [
      'a grant that an organization policy forbids',
      'Error: Error setting IAM policy for service account "x": googleapi: Error 400: One or more users named in the policy do not belong to a permitted customer,  perhaps due to an organization policy.',
    ],
    // Liscor/terraform_dataform_ga4_pipeline #1.
    [
      'a service agent that does not exist yet',
      'Error: Error applying IAM policy for pubsub topic "projects/a-shop/topics/retail-dead-letter": Error setting IAM policy for pubsub topic "projects/a-shop/topics/retail-dead-letter": googleapi: Error 400: Service account service-802491271465@gcp-sa-pubsub.iam.gserviceaccount.com does not exist.',
    ],
    [
      'a service account that was made a second ago',
      'Error: Error applying IAM policy for storage bucket "b/a-shop-lake": Error setting IAM policy for storage bucket "b/a-shop-lake": googleapi: Error 400: Service account retail-load@a-shop.iam.gserviceaccount.com does not exist., invalid',
    ],
    // "Troubleshoot a Cloud Storage subscription".
    [
      'a bucket that Pub/Sub may not write to yet',
      'Error: Error creating Subscription: googleapi: Error 400: Cloud Pub/Sub did not have the necessary permissions configured to access the provided bucket my-bucket (or the bucket may not exist). Please verify that the service account service-112233445566@gcp-sa-pubsub.iam.gserviceaccount.com was granted the Storage Legacy Bucket Reader and Storage Object Creator roles for the provided bucket.\n\n  with module.archive[0].google_pubsub_subscription.archive["transactions"],',
    ],
    // wandb/terraform-google-wandb.
    [
      'a key that Pub/Sub may not use yet',
      'Error: Error creating Topic: googleapi: Error 400: Cloud Pub/Sub did not have the necessary permissions configured to support this operation. Please verify that the service account service-35775501766@gcp-sa-pubsub.iam.gserviceaccount.com was granted the Cloud KMS CryptoKey Encrypter/Decrypter role for the project containing the CryptoKey resource projects/p/locations/global/keyRings/k/cryptoKeys/key.',
    ],
    [
      'a key that Cloud Storage may not use',
      'Error: googleapi: Error 403: Permission denied on Cloud KMS key. Please ensure that your Cloud Storage service account has been authorized to use this key., forbidden',
    ],
    // "Troubleshoot Cloud Run issues".
    [
      'an image that Cloud Run may not read yet',
      'Error: Error waiting to create Job: Error waiting for Creating Job: Error code 7, message: Google Cloud Run Service Agent service-989728667853@serverless-robot-prod.iam.gserviceaccount.com must have permission to read the image, us-central1-docker.pkg.dev/a-shop/retail/retail:1. Ensure that the provided container image URL is correct and that the above account has permission to access the image. If you just enabled the Cloud Run API, the permissions might take a few minutes to propagate.',
    ],
    [
      'a job that may not run as its account',
      "Error: Error creating Job: googleapi: Error 403: Permission 'iam.serviceaccounts.actAs' denied on service account retail-load@a-shop.iam.gserviceaccount.com (or it may not exist).\n\n  with module.job[0].google_cloud_run_v2_job.backfill,",
    ],
    [
      'an image that does not exist',
      "Error: Error waiting to create Job: Error waiting for Creating Job: Error code 5, message: Image 'us-central1-docker.pkg.dev/a-shop/retail/retail:1' not found.",
    ],
    ['anything else', 'Error: Something odd\n\nIt happened here.'],
  ])('%s', (_name, text) => expect(explain(text)).toMatchSnapshot())
})

test.each([
  [true, 'If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.'],
  [true, 'Error 400: Service account service-1@gcp-sa-pubsub.iam.gserviceaccount.com does not exist.'],
  [true, 'Error 400: Service account retail-load@a-shop.iam.gserviceaccount.com does not exist., invalid'],
  [true, 'Cloud Pub/Sub did not have the necessary permissions configured to support this operation.'],
  [false, "Error 412: 'us' violates constraint 'constraints/gcp.resourceLocations', conditionNotMet"],
  [false, "Error 403: Permission 'storage.buckets.create' denied on resource (or it may not exist)., forbidden"],
  [false, 'Error 409: Already Exists: Dataset a-shop:retail_raw, duplicate'],
])('that waiting helps is %s: %s', (passes, said) => expect(passesByWaiting(said)).toBe(passes))

test('the frame around an error is taken off, and what came before it', () => {
  expect(errorText(['Creating...', ...framed('Error: one\n\n  two')])).toBe('Error: one\n\ntwo')
  expect(errorText(['no frame at all'])).toBe('no frame at all')
})
