# Where `retail infra image` builds and keeps the container image of the jobs: a repository, a bucket for sources, and an
# account for the build that can do nothing else.

variable "project" { type = string }
variable "prefix" { type = string }
variable "region" { type = string }
variable "lake" { type = string }
variable "labels" { type = map(string) }
variable "key" { type = string }

locals {
  member = "serviceAccount:${google_service_account.build.email}"
  day    = 86400
}

resource "google_artifact_registry_repository" "images" {
  repository_id = var.prefix
  location      = var.region
  description   = "images of retail"
  format        = "DOCKER"
  labels        = var.labels
  kms_key_name  = var.key

  # A tag always names the same image; jobs use its digest.
  docker_config {
    immutable_tags = true
  }
  cleanup_policies {
    id     = "keep-some"
    action = "KEEP"
    most_recent_versions {
      keep_count = 5
    }
  }
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      older_than = "${30 * local.day}s"
    }
  }
}

# Sources of a build are read once.
resource "google_storage_bucket" "sources" {
  name                        = "${substr(var.lake, 0, 57)}-build"
  location                    = var.region
  labels                      = var.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  soft_delete_policy {
    retention_duration_seconds = 0
  }
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 1
    }
  }
  dynamic "encryption" {
    for_each = var.key == null ? [] : [var.key]
    content {
      default_kms_key_name = encryption.value
    }
  }
}

resource "google_service_account" "build" {
  account_id   = "${var.prefix}-build"
  display_name = "retail build"
  description  = "managed by retail; infra image: builds the image of the jobs"
}

# What Cloud Build needs of an account of its own ("Cloud Build service account").
resource "google_storage_bucket_iam_member" "build" {
  bucket = google_storage_bucket.sources.name
  role   = "roles/storage.objectViewer"
  member = local.member
}

resource "google_artifact_registry_repository_iam_member" "build" {
  location   = var.region
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = local.member
}

# Logs belong to a project.
resource "google_project_iam_member" "build" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = local.member
}

output "build" {
  value = {
    repository = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}"
    sources    = google_storage_bucket.sources.name
    account    = google_service_account.build.email
    region     = var.region
  }
}
