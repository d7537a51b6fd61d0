# A private bucket in which overwritten and deleted objects can be restored for a week.

variable "name" { type = string }
variable "location" { type = string }
variable "labels" { type = map(string) }
variable "versioning" { type = bool }
variable "deletion_protection" { type = bool }
variable "key" {
  type    = string
  default = null
}

locals {
  keep_days = 7
}

resource "google_storage_bucket" "this" {
  name     = var.name
  location = var.location
  labels   = var.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  versioning {
    enabled = var.versioning
  }

  # Object versions allow a restore; without them, soft deletion does. With both, storage would be billed twice.
  soft_delete_policy {
    retention_duration_seconds = var.versioning ? 0 : local.keep_days * 86400
  }

  dynamic "encryption" {
    for_each = var.key == null ? [] : [var.key]
    content {
      default_kms_key_name = encryption.value
    }
  }

  dynamic "lifecycle_rule" {
    for_each = var.versioning ? [1] : []
    content {
      action {
        type = "Delete"
      }
      condition {
        days_since_noncurrent_time = local.keep_days
        with_state                 = "ARCHIVED"
      }
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }
}

output "name" {
  value = google_storage_bucket.this.name
}
