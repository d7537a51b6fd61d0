# A Cloud Run job that backfills: each task takes its shard from CLOUD_RUN_TASK_INDEX and CLOUD_RUN_TASK_COUNT.

variable "name" { type = string }
variable "region" { type = string }
variable "job" {
  type = object({ image = string, tasks = number, cpu = string, memory = string, env = map(string) })
}
variable "settings" { type = map(string) }
variable "account" { type = string }
variable "labels" { type = map(string) }
variable "deletion_protection" { type = bool }

resource "google_cloud_run_v2_job" "backfill" {
  name                = var.name
  location            = var.region
  labels              = var.labels
  deletion_protection = var.deletion_protection

  template {
    task_count  = var.job.tasks
    parallelism = var.job.tasks
    labels      = var.labels

    template {
      service_account = var.account
      # A retried task keeps existing parts.
      max_retries = 3
      timeout     = "86400s"

      containers {
        image = var.job.image
        args  = ["backfill", "--json"]
        resources {
          limits = {
            cpu    = var.job.cpu
            memory = var.job.memory
          }
        }
        dynamic "env" {
          for_each = merge(var.settings, var.job.env)
          content {
            name  = env.key
            value = env.value
          }
        }
      }
    }
  }
}

# What `retail backfill --remote` needs when it impersonates this account: start the job with other days or tasks, and follow it.
resource "google_cloud_run_v2_job_iam_member" "backfill" {
  for_each = toset(["roles/run.jobsExecutorWithOverrides", "roles/run.viewer"])

  name     = google_cloud_run_v2_job.backfill.name
  location = var.region
  role     = each.value
  member   = "serviceAccount:${var.account}"
}

output "name" {
  value = google_cloud_run_v2_job.backfill.name
}
