# Everything that target gcp needs. `retail infra` copies this folder to .retail/terraform and runs it there. You can also run it by hand.

terraform {
  required_version = ">= 1.7"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 7.0"
    }
  }
}

provider "google" {
  project         = var.project
  region          = var.region
  request_timeout = "60s"

  # Real credentials are never sent to an emulator.
  access_token              = local.emulated ? "fake" : null
  storage_custom_endpoint   = try(var.emulators.storage, null)
  pubsub_custom_endpoint    = try(var.emulators.pubsub, null)
  big_query_custom_endpoint = try(var.emulators.bigquery, null)

  add_terraform_attribution_label = false
}

locals {
  emulated = var.emulators != null

  # `retail infra destroy` refuses resources without them.
  labels = {
    managed-by   = "retail"
    retail-world = var.world
  }

  apis = setunion(
    ["bigquery", "bigquerystorage", "cloudresourcemanager", "iam", "pubsub", "storage"],
    var.job == null ? [] : ["run"],
    var.spark == null ? [] : ["compute", "dataproc"],
  )
}

resource "google_project_service" "api" {
  for_each = local.emulated ? [] : local.apis

  service = "${each.key}.googleapis.com"
  # Other workloads may use the service, too.
  disable_on_destroy = false
}

# The names of Google's service agents contain the project number.
data "google_project" "this" {
  count      = local.emulated ? 0 : 1
  depends_on = [google_project_service.api]
}

locals {
  # Pub/Sub's service agent: it forwards dead letters, and writes the data of export subscriptions.
  pubsub_agent = "serviceAccount:service-${local.emulated ? 0 : data.google_project.this[0].number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

module "lake" {
  source     = "./modules/bucket"
  depends_on = [google_project_service.api]

  name                = var.bucket
  location            = var.location
  labels              = local.labels
  versioning          = var.versioning
  deletion_protection = var.deletion_protection
}

module "warehouse" {
  source     = "./modules/warehouse"
  depends_on = [google_project_service.api]

  dataset             = var.dataset
  location            = var.location
  schema              = var.schema
  labels              = local.labels
  deletion_protection = var.deletion_protection
}

module "events" {
  source     = "./modules/events"
  depends_on = [google_project_service.api]

  project               = var.project
  prefix                = var.prefix
  ingest                = var.ingest
  raw_dataset           = module.warehouse.datasets.raw
  raw_tables            = module.warehouse.facts
  labels                = local.labels
  message_retention     = var.message_retention
  max_delivery_attempts = var.max_delivery_attempts
  emulated              = local.emulated
  service_agent         = local.pubsub_agent
}

module "access" {
  source     = "./modules/access"
  count      = local.emulated ? 0 : 1
  depends_on = [google_project_service.api]

  project       = var.project
  prefix        = var.prefix
  bucket        = module.lake.name
  state_folder  = var.state_folder
  published     = var.published
  datasets      = module.warehouse.datasets
  instant_table = module.warehouse.published
  topics        = module.events.topics
  subscriptions = module.events.subscriptions
  impersonators = var.impersonators
}

# The modules below are off unless their variable is set in infra.tfvars, next to retail.yaml.

module "job" {
  source     = "./modules/job"
  count      = var.job == null ? 0 : 1
  depends_on = [google_project_service.api]

  name                = "${var.prefix}-backfill"
  region              = var.region
  job                 = var.job
  settings            = var.settings
  account             = one(module.access[*].accounts.backfill)
  labels              = local.labels
  deletion_protection = var.deletion_protection
}

module "spark" {
  source     = "./modules/spark"
  count      = var.spark == null ? 0 : 1
  depends_on = [google_project_service.api]

  project             = var.project
  prefix              = var.prefix
  region              = var.region
  location            = var.location
  lake                = module.lake.name
  raw_dataset         = module.warehouse.datasets.raw
  spark               = var.spark
  labels              = local.labels
  deletion_protection = var.deletion_protection
}

module "archive" {
  source     = "./modules/archive"
  count      = var.archive ? 1 : 0
  depends_on = [google_project_service.api]

  prefix              = var.prefix
  location            = var.location
  lake                = var.bucket
  topics              = module.events.topics
  labels              = local.labels
  emulated            = local.emulated
  service_agent       = local.pubsub_agent
  deletion_protection = var.deletion_protection
}
