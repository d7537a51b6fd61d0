# Cloud Run jobs that run the commands, what starts them on time, and, for a stream without an end, a worker pool.

variable "project" { type = string }
variable "prefix" { type = string }
variable "region" { type = string }
variable "image" { type = string }
variable "ingest" { type = string }
variable "job" {
  type = object({
    tasks     = number
    cpu       = string
    memory    = string
    env       = map(string)
    schedules = object({ load = string, transform = string, verify = string, stream = string })
    stream    = object({ args = list(string), hours = number, endless = bool })
  })
}
variable "settings" { type = map(string) }
variable "accounts" { type = map(string) }
variable "labels" { type = map(string) }
variable "key" { type = string }
variable "deletion_protection" { type = bool }
# Through which a stream reaches a cluster of Kafka.
variable "subnet" { type = string }

locals {
  hour = 3600
  # A restarted task repeats nothing: parts and loads are kept, a transform starts again, a stream resumes at its position.
  # A stream that ends early is started again by its schedule.
  commands = {
    backfill  = { args = ["backfill", "--json"], tasks = var.job.tasks, retries = 3, seconds = 24 * local.hour }
    load      = { args = ["load", "--json"], tasks = 1, retries = 1, seconds = local.hour }
    transform = { args = ["transform", "--json"], tasks = 1, retries = 1, seconds = local.hour }
    verify    = { args = ["verify", "--json"], tasks = 1, retries = 1, seconds = 6 * local.hour }
    stream = {
      args    = concat(["stream", "--json", "--duration", "${var.job.stream.hours}h"], var.job.stream.args)
      tasks   = 1
      retries = 0
      # More than the stream needs, so that it ends by itself, with its last events delivered.
      seconds = var.job.stream.hours * local.hour + 600
    }
  }
  left_out = concat(
    var.ingest == "load" ? [] : ["load"],
    var.job.stream.endless ? ["stream"] : [],
  )
  jobs      = { for name, command in local.commands : name => command if !contains(local.left_out, name) }
  schedules = { for name, schedule in var.job.schedules : name => schedule if coalesce(schedule, "off") != "off" && contains(keys(local.jobs), name) }
  # gcp.stream_stop_after ends a forgotten stream on a laptop. Here a schedule, or the pool, decides.
  environment = merge(var.settings, { RETAIL_STREAM_STOP_AFTER = "${var.job.stream.hours}h" }, var.job.env)
  unending    = merge(local.environment, { RETAIL_STREAM_STOP_AFTER = "36500d" })
}

resource "google_cloud_run_v2_job" "command" {
  for_each = local.jobs

  name                = "${var.prefix}-${each.key}"
  location            = var.region
  labels              = var.labels
  deletion_protection = var.deletion_protection

  template {
    task_count  = each.value.tasks
    parallelism = each.value.tasks
    labels      = var.labels

    template {
      service_account = var.accounts[each.key]
      max_retries     = each.value.retries
      timeout         = "${each.value.seconds}s"
      encryption_key  = var.key

      dynamic "vpc_access" {
        for_each = each.key == "stream" && var.subnet != null ? [1] : []
        content {
          egress = "PRIVATE_RANGES_ONLY"
          network_interfaces {
            subnetwork = var.subnet
          }
        }
      }

      containers {
        image = var.image
        args  = each.value.args
        resources {
          limits = {
            cpu    = var.job.cpu
            memory = var.job.memory
          }
        }
        dynamic "env" {
          for_each = local.environment
          content {
            name  = env.key
            value = env.value
          }
        }
      }
    }
  }
}

moved {
  from = google_cloud_run_v2_job.backfill
  to   = google_cloud_run_v2_job.command["backfill"]
}

# What `retail backfill --remote` needs when it impersonates this account: start the job with other days or tasks, and follow it.
resource "google_cloud_run_v2_job_iam_member" "backfill" {
  for_each = toset(["roles/run.jobsExecutorWithOverrides", "roles/run.viewer"])

  name     = google_cloud_run_v2_job.command["backfill"].name
  location = var.region
  role     = each.value
  member   = "serviceAccount:${var.accounts["backfill"]}"
}

resource "google_service_account" "scheduler" {
  account_id   = "${var.prefix}-scheduler"
  display_name = "retail scheduler"
  description  = "managed by retail; starts the jobs that have a schedule"
}

resource "google_cloud_run_v2_job_iam_member" "scheduler" {
  for_each = local.schedules

  name     = google_cloud_run_v2_job.command[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "serviceAccount:${google_service_account.scheduler.email}"
}

resource "google_cloud_scheduler_job" "command" {
  for_each = local.schedules

  name             = "${var.prefix}-${each.key}"
  region           = var.region
  description      = "managed by retail; starts the job ${var.prefix}-${each.key}"
  schedule         = each.value
  time_zone        = "Etc/UTC"
  attempt_deadline = "180s"

  retry_config {
    retry_count = 1
  }
  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.command[each.key].id}:run"
    oauth_token {
      service_account_email = google_service_account.scheduler.email
    }
  }
}

# A pool keeps one instance running, so a command that ends by itself must never be in it.
resource "google_cloud_run_v2_worker_pool" "stream" {
  count = var.job.stream.endless ? 1 : 0

  name                = "${var.prefix}-stream"
  location            = var.region
  labels              = var.labels
  deletion_protection = var.deletion_protection

  scaling {
    scaling_mode          = "MANUAL"
    manual_instance_count = 1
  }
  template {
    labels          = var.labels
    service_account = var.accounts["stream"]
    encryption_key  = var.key

    dynamic "vpc_access" {
      for_each = var.subnet == null ? [] : [1]
      content {
        egress = "PRIVATE_RANGES_ONLY"
        network_interfaces {
          subnetwork = var.subnet
        }
      }
    }

    containers {
      image = var.image
      args  = concat(["stream", "--json"], var.job.stream.args)
      resources {
        limits = {
          cpu    = var.job.cpu
          memory = var.job.memory
        }
      }
      dynamic "env" {
        for_each = local.unending
        content {
          name  = env.key
          value = env.value
        }
      }
    }
  }
}

output "name" {
  value = google_cloud_run_v2_job.command["backfill"].name
}

output "names" {
  value = { for command, job in google_cloud_run_v2_job.command : command => job.name }
}
