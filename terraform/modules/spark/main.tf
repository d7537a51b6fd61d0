# The prerequisites of a Dataproc Serverless batch.

variable "project" { type = string }
variable "prefix" { type = string }
variable "region" { type = string }
variable "location" { type = string }
variable "lake" { type = string }
variable "raw_dataset" { type = string }
variable "spark" { type = object({ subnet_range = string }) }
variable "labels" { type = map(string) }
variable "deletion_protection" { type = bool }
variable "key" {
  type    = string
  default = null
}
variable "archive" {
  type        = string
  default     = null
  description = "the bucket with events as files"
}
variable "loader" {
  type        = string
  default     = null
  description = "the account of `retail load`"
}

locals {
  # Spark 4.0.1, as in templates/spark/spark/requirements.in.
  runtime = "3.0"
  member  = "serviceAccount:${google_service_account.spark.email}"
}

resource "google_service_account" "spark" {
  account_id   = "${var.prefix}-spark"
  display_name = "retail spark"
  description  = "managed by retail; runs Dataproc Serverless batches"
}

module "staging" {
  source = "../bucket"

  name                = "${substr(var.lake, 0, 57)}-spark"
  location            = var.location
  labels              = var.labels
  versioning          = false
  key                 = var.key
  deletion_protection = var.deletion_protection
}

resource "google_storage_bucket_iam_member" "spark" {
  for_each = { lake = var.lake, staging = module.staging.name }

  bucket = each.value
  role   = "roles/storage.objectUser"
  member = local.member
}

resource "google_storage_bucket_iam_member" "archive" {
  count = var.archive == null ? 0 : 1

  bucket = var.archive
  role   = "roles/storage.objectViewer"
  member = local.member
}

# `retail load --from` reads what a batch wrote, and notes beside it what it has loaded. It may change nothing else: the bucket also
# has the program of the batches.
resource "google_storage_bucket_iam_member" "load" {
  count = var.loader == null ? 0 : 1

  bucket = module.staging.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${var.loader}"
}

resource "google_storage_bucket_iam_member" "loaded" {
  count = var.loader == null ? 0 : 1

  bucket = module.staging.name
  role   = "roles/storage.objectUser"
  member = "serviceAccount:${var.loader}"
  condition {
    title       = "notes of loads"
    description = "only objects in a folder _loaded"
    expression  = "resource.name.extract(\"/objects/{folder}/_loaded/\") != \"\""
  }
}

resource "google_bigquery_dataset_iam_member" "raw" {
  dataset_id = var.raw_dataset
  role       = "roles/bigquery.dataEditor"
  member     = local.member
}

# Both permissions exist only on a project: to be a worker of its batches, and to run queries in it.
resource "google_project_iam_member" "spark" {
  for_each = toset(["roles/dataproc.worker", "roles/bigquery.jobUser"])

  project = var.project
  role    = each.key
  member  = local.member
}

resource "google_compute_network" "spark" {
  name                    = "${var.prefix}-spark"
  auto_create_subnetworks = false
}

# No external IP addresses: Google's services are reached through private access.
resource "google_compute_subnetwork" "spark" {
  name                     = "${var.prefix}-spark"
  network                  = google_compute_network.spark.id
  region                   = var.region
  ip_cidr_range            = var.spark.subnet_range
  private_ip_google_access = true
}

# Workers of a batch connect to each other only.
resource "google_compute_firewall" "spark" {
  name          = "${var.prefix}-spark-inside"
  network       = google_compute_network.spark.id
  direction     = "INGRESS"
  source_ranges = [var.spark.subnet_range]
  allow {
    protocol = "all"
  }
}

output "batch" {
  value = {
    account        = google_service_account.spark.email
    runtime        = local.runtime
    staging_bucket = module.staging.name
    subnet         = google_compute_subnetwork.spark.id
  }
}
