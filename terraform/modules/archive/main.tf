# Pub/Sub writes every event to files in a separate bucket, because the lake contains only parts.

variable "prefix" { type = string }
variable "location" { type = string }
variable "lake" { type = string }
variable "topics" { type = map(string) }
variable "labels" { type = map(string) }
variable "service_agent" { type = string }
variable "emulated" { type = bool }
variable "deletion_protection" { type = bool }
variable "key" { type = string }

module "bucket" {
  source = "../bucket"

  name                = "${substr(var.lake, 0, 55)}-archive"
  location            = var.location
  labels              = var.labels
  versioning          = false
  key                 = var.key
  deletion_protection = var.deletion_protection
}

resource "google_storage_bucket_iam_member" "agent" {
  for_each   = var.emulated ? [] : toset(["roles/storage.objectCreator", "roles/storage.legacyBucketReader"])
  depends_on = [var.topics]

  bucket = module.bucket.name
  role   = each.key
  member = var.service_agent
}

resource "google_pubsub_subscription" "archive" {
  for_each   = var.topics
  depends_on = [google_storage_bucket_iam_member.agent]

  name   = "${var.prefix}-${each.key}-archive"
  topic  = each.value
  labels = var.labels
  cloud_storage_config {
    bucket          = module.bucket.name
    filename_prefix = "${each.key}/"
    filename_suffix = ".ndjson"
    max_duration    = "300s"
    max_bytes       = 104857600
  }
  expiration_policy {
    ttl = ""
  }
}

output "bucket" {
  value = module.bucket.name
}
