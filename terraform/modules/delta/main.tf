# Tables of BigQuery over the Delta tables of the lake. They read its files in place, as of the last commit: nothing is loaded, and
# nothing is stored here.

variable "project" { type = string }
variable "prefix" { type = string }
variable "dataset" { type = string }
variable "location" { type = string }
variable "lake" { type = string }
variable "labels" { type = map(string) }
variable "deletion_protection" { type = bool }
variable "key" {
  type    = string
  default = null
}

locals {
  tables = toset(["product", "store", "transactions", "inventories"])
}

# Google makes an account for it, which reads the files: whoever queries the tables needs no right on the bucket.
resource "google_bigquery_connection" "lake" {
  connection_id = "${var.prefix}-lake"
  location      = var.location
  description   = "managed by retail; reads the Delta tables of ${var.lake}"
  cloud_resource {}
}

resource "google_storage_bucket_iam_member" "reader" {
  bucket = var.lake
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${google_bigquery_connection.lake.cloud_resource[0].service_account_id}"
}

resource "google_bigquery_dataset" "lake" {
  dataset_id                 = "${var.dataset}_lake"
  description                = "The lake's Delta tables, read in place"
  location                   = var.location
  labels                     = var.labels
  delete_contents_on_destroy = !var.deletion_protection

  dynamic "default_encryption_configuration" {
    for_each = var.key == null ? [] : [var.key]
    content {
      kms_key_name = default_encryption_configuration.value
    }
  }
}

resource "google_bigquery_table" "delta" {
  for_each   = local.tables
  depends_on = [google_storage_bucket_iam_member.reader]

  dataset_id = google_bigquery_dataset.lake.dataset_id
  table_id   = each.key
  labels     = var.labels
  # It has no rows of its own.
  deletion_protection = false

  external_data_configuration {
    source_format = "DELTA_LAKE"
    # The folder that holds _delta_log, which describes the columns.
    source_uris   = ["gs://${var.lake}/lake/${each.key}"]
    autodetect    = true
    connection_id = "projects/${var.project}/locations/${lower(var.location)}/connections/${google_bigquery_connection.lake.connection_id}"
  }
}

output "dataset" {
  value = google_bigquery_dataset.lake.dataset_id
}
