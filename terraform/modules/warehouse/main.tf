# The datasets raw, staging, build, and marts, the tables of raw, and the table that says how far the marts go. dbt creates the
# tables of staging and build; `retail transform` publishes those of build as marts, in one transaction.

variable "dataset" { type = string }
variable "location" { type = string }
variable "schema" { type = string }
variable "labels" { type = map(string) }
variable "deletion_protection" { type = bool }
variable "key" {
  type    = string
  default = null
}

locals {
  about = {
    raw     = "What was delivered, at least once"
    staging = "Every row once"
    build   = "Marts that are being made; nobody reads them"
    marts   = "What people and dashboards read"
  }
  folder     = "${path.module}/../../schemas"
  variant    = var.schema == "extended" ? ".extended" : ""
  dimensions = toset(concat(["product", "store"], var.schema == "extended" ? ["customer", "price_history"] : []))
  facts      = toset(["transactions", "inventories"])
}

resource "google_bigquery_dataset" "layer" {
  for_each = local.about

  dataset_id                 = "${var.dataset}_${each.key}"
  description                = each.value
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

resource "google_bigquery_table" "dimension" {
  for_each = local.dimensions

  dataset_id          = google_bigquery_dataset.layer["raw"].dataset_id
  table_id            = each.key
  schema              = file("${local.folder}/${each.key}.json")
  labels              = var.labels
  deletion_protection = var.deletion_protection
}

resource "google_bigquery_table" "fact" {
  for_each = local.facts

  dataset_id          = google_bigquery_dataset.layer["raw"].dataset_id
  table_id            = each.key
  schema              = file("${local.folder}/${each.key}${local.variant}.json")
  clustering          = ["product_id"]
  labels              = var.labels
  deletion_protection = var.deletion_protection
  # A query that forgets the time would be billed for all of history.
  require_partition_filter = true

  time_partitioning {
    type  = "DAY"
    field = "timestamp"
  }
}

# One row: how far the marts go. It changes in the same transaction as they do.
resource "google_bigquery_table" "published" {
  dataset_id          = google_bigquery_dataset.layer["marts"].dataset_id
  table_id            = "published"
  schema              = file("${local.folder}/published.json")
  labels              = var.labels
  deletion_protection = var.deletion_protection
}

# Messages that `retail load` could not read as events, with the reason.
resource "google_bigquery_table" "dead_letter" {
  dataset_id          = google_bigquery_dataset.layer["raw"].dataset_id
  table_id            = "dead_letter"
  schema              = file("${local.folder}/dead_letter.json")
  labels              = var.labels
  deletion_protection = var.deletion_protection

  time_partitioning {
    type  = "DAY"
    field = "received_at"
  }
}

output "datasets" {
  value = { for layer, dataset in google_bigquery_dataset.layer : layer => dataset.dataset_id }
}

output "published" {
  value = google_bigquery_table.published.table_id
}

output "facts" {
  value = { for name, table in google_bigquery_table.fact : name => table.table_id }
}
