# Everything that target gcp needs. `retail infra` copies this folder to .retail/terraform and runs it there. You can also run it by hand.

terraform {
  required_version = ">= 1.7"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.0"
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

  # Services are asked about in one call. The default is to wait ten seconds for more of them, at every plan.
  batching {
    send_after = "1s"
  }

  # A budget belongs to a billing account; a user's call about it needs a project to count against.
  billing_project       = var.budget == null ? null : var.project
  user_project_override = var.budget == null ? null : true
}

locals {
  emulated = var.emulators != null
  # No emulator has Cloud Run.
  job   = local.emulated ? null : var.job
  built = local.job != null && try(var.job.image, null) == null
  image = try(coalesce(var.job.image, var.image), null)

  # `retail infra destroy` refuses resources without them.
  labels = {
    managed-by   = "retail"
    retail-world = var.world
  }

  apis = setunion(
    ["bigquery", "bigquerystorage", "cloudresourcemanager", "iam", "pubsub", "storage"],
    var.job == null ? [] : ["run", "cloudscheduler"],
    local.built ? ["artifactregistry", "cloudbuild"] : [],
    var.alerts == null ? [] : ["monitoring"],
    var.budget == null ? [] : ["billingbudgets"],
    var.kms_key == null ? [] : ["cloudkms"],
    var.spark == null ? [] : ["compute", "dataproc"],
    var.kafka == null ? [] : ["compute", "managedkafka"],
    var.delta == null ? [] : ["bigqueryconnection", "bigqueryreservation"],
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
  project_number = local.emulated ? "0" : data.google_project.this[0].number
  # Pub/Sub's service agent: it forwards dead letters, and writes the data of export subscriptions.
  pubsub_agent = "serviceAccount:service-${local.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

# Reading these two makes Google create the accounts, if they do not exist.
data "google_storage_project_service_account" "this" {
  count      = var.kms_key == null || local.emulated ? 0 : 1
  depends_on = [google_project_service.api]
}

data "google_bigquery_default_service_account" "this" {
  count      = var.kms_key == null || local.emulated ? 0 : 1
  depends_on = [google_project_service.api]
}

module "key" {
  source     = "./modules/key"
  count      = var.kms_key == null || local.emulated ? 0 : 1
  depends_on = [google_project_service.api]

  key = var.kms_key
  agents = merge(
    {
      storage  = "serviceAccount:${data.google_storage_project_service_account.this[0].email_address}"
      bigquery = "serviceAccount:${data.google_bigquery_default_service_account.this[0].email}"
      pubsub   = local.pubsub_agent
    },
    { for name, agent in { run = "serverless-robot-prod", registry = "gcp-sa-artifactregistry", kafka = "gcp-sa-managedkafka" } :
      name => "serviceAccount:service-${local.project_number}@${agent}.iam.gserviceaccount.com"
      if { run = local.job != null, registry = local.built, kafka = var.kafka != null }[name]
    },
  )
}

locals {
  key = one(module.key[*].key)
}

module "lake" {
  source     = "./modules/bucket"
  depends_on = [google_project_service.api]

  name                = var.bucket
  location            = var.location
  labels              = local.labels
  versioning          = var.versioning
  key                 = local.key
  deletion_protection = var.deletion_protection
}

module "warehouse" {
  source     = "./modules/warehouse"
  depends_on = [google_project_service.api]

  dataset             = var.dataset
  location            = var.location
  schema              = var.schema
  key                 = local.key
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
  key                   = local.key
}

module "access" {
  source     = "./modules/access"
  count      = local.emulated ? 0 : 1
  depends_on = [google_project_service.api]

  project       = var.project
  prefix        = var.prefix
  bucket        = module.lake.name
  state_folder  = var.state_folder
  locks_folder  = var.locks_folder
  published     = var.published
  datasets      = module.warehouse.datasets
  instant_table = module.warehouse.published
  topics        = module.events.topics
  subscriptions = merge(module.events.subscriptions, { dead_letter = module.events.dead_letter_subscription })
  impersonators = var.impersonators
}

# The modules below are off unless their variable is set in infra.tfvars, next to retail.yaml.

module "image" {
  source     = "./modules/image"
  count      = local.built ? 1 : 0
  depends_on = [google_project_service.api]

  project = var.project
  prefix  = var.prefix
  region  = var.region
  lake    = module.lake.name
  labels  = local.labels
  key     = local.key
}

# Until an image exists, there is nothing to run.
module "job" {
  source     = "./modules/job"
  count      = local.job == null || local.image == null ? 0 : 1
  depends_on = [google_project_service.api]

  project             = var.project
  prefix              = var.prefix
  region              = var.region
  image               = local.image
  ingest              = var.ingest
  job                 = var.job
  settings            = var.settings
  accounts            = one(module.access[*].accounts)
  labels              = local.labels
  key                 = local.key
  deletion_protection = var.deletion_protection
  subnet              = one(module.kafka[*].subnet)
}

module "kafka" {
  source     = "./modules/kafka"
  count      = var.kafka == null || local.emulated ? 0 : 1
  depends_on = [google_project_service.api]

  project  = var.project
  prefix   = var.prefix
  region   = var.region
  kafka    = var.kafka
  accounts = one(module.access[*].accounts)
  labels   = local.labels
  key      = local.key
}

module "delta" {
  source     = "./modules/delta"
  count      = var.delta == null || local.emulated ? 0 : 1
  depends_on = [google_project_service.api]

  project             = var.project
  prefix              = var.prefix
  dataset             = var.dataset
  location            = var.location
  lake                = module.lake.name
  labels              = local.labels
  key                 = local.key
  deletion_protection = var.deletion_protection
}

module "alerts" {
  source     = "./modules/alerts"
  count      = var.alerts == null || local.emulated ? 0 : 1
  depends_on = [google_project_service.api]

  project         = var.project
  prefix          = var.prefix
  email           = var.alerts.email
  backlog_minutes = var.alerts.backlog_minutes
  subscriptions   = module.events.subscriptions
  jobs            = try(module.job[0].names, {})
  labels          = local.labels
}

module "budget" {
  source     = "./modules/budget"
  count      = var.budget == null || local.emulated ? 0 : 1
  depends_on = [google_project_service.api]

  project_number  = local.project_number
  prefix          = var.prefix
  billing_account = var.budget.billing_account
  amount          = var.budget.amount
  currency        = var.budget.currency
  channels        = module.alerts[*].channel
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
  archive             = one(module.archive[*].bucket)
  loader              = try(module.access[0].accounts.load, null)
  key                 = local.key
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
  key                 = local.key
  deletion_protection = var.deletion_protection
}
