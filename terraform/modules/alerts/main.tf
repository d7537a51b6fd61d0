# Mail when events wait too long, when a message became a dead letter, and when a job failed.

variable "project" { type = string }
variable "prefix" { type = string }
variable "email" { type = string }
variable "backlog_minutes" { type = number }
variable "subscriptions" { type = map(string) }
variable "jobs" { type = map(string) }
variable "labels" { type = map(string) }

locals {
  ours = join(", ", [for name in values(var.subscriptions) : "\"${name}\""])
  policies = merge(
    {
      backlog = {
        title     = "events wait for more than ${var.backlog_minutes} minutes"
        filter    = "resource.type = \"pubsub_subscription\" AND metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND resource.labels.subscription_id = one_of(${local.ours})"
        aligner   = "ALIGN_MAX"
        threshold = var.backlog_minutes * 60
        help      = "Run `retail load`, or look at the log of its job. `retail status` shows what is missing."
      }
      dead-letters = {
        title     = "a message became a dead letter"
        filter    = "resource.type = \"pubsub_subscription\" AND metric.type = \"pubsub.googleapis.com/subscription/dead_letter_message_count\" AND resource.labels.subscription_id = one_of(${local.ours})"
        aligner   = "ALIGN_DELTA"
        threshold = 0
        help      = "`retail verify` names what is missing, and the command that publishes it again."
      }
    },
    { for name, policy in {
      failed-jobs = {
        title     = "a job failed"
        filter    = "resource.type = \"cloud_run_job\" AND metric.type = \"run.googleapis.com/job/completed_execution_count\" AND metric.labels.result = \"failed\" AND resource.labels.job_name = one_of(${join(", ", [for name in values(var.jobs) : "\"${name}\""])})"
        aligner   = "ALIGN_DELTA"
        threshold = 0
        help      = "Its log says which command failed, why, and what fixes it. The next run resumes."
      }
    } : name => policy if length(var.jobs) > 0 },
  )
}

resource "google_monitoring_notification_channel" "mail" {
  display_name = "retail ${var.prefix}"
  type         = "email"
  labels       = { email_address = var.email }
  user_labels  = var.labels
  # Alerts of others may use it, too.
  force_delete = false
}

resource "google_monitoring_alert_policy" "this" {
  for_each = local.policies

  display_name          = "${var.prefix}: ${each.value.title}"
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.mail.name]
  user_labels           = var.labels

  documentation {
    content   = each.value.help
    mime_type = "text/markdown"
  }
  conditions {
    display_name = each.value.title
    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.threshold
      duration        = "0s"
      aggregations {
        alignment_period   = "300s"
        per_series_aligner = each.value.aligner
      }
    }
  }
}

output "channel" {
  value = google_monitoring_notification_channel.mail.name
}
