# A topic for each fact table, one subscription that leads to BigQuery, and a dead-letter topic for messages that BigQuery rejects.

variable "project" { type = string }
variable "prefix" { type = string }
variable "ingest" { type = string }
variable "raw_dataset" { type = string }
variable "raw_tables" { type = map(string) }
variable "labels" { type = map(string) }
variable "message_retention" { type = string }
# null: the default of the way in.
variable "max_delivery_attempts" { type = number }
variable "service_agent" { type = string }
variable "key" {
  type    = string
  default = null
}
# Emulators have no IAM.
variable "emulated" { type = bool }

locals {
  facts       = toset(keys(var.raw_tables))
  loaded      = var.ingest == "load" ? local.facts : []
  written     = var.ingest == "subscription" ? local.facts : []
  week        = "604800s"
  least_delay = "10s"
  # A message whose loader died waits so long at most, and one that BigQuery never takes is a dead letter within minutes.
  most_delay = "60s"
  # `retail load` sorts out bad messages itself, so good ones may take as many attempts as there are. A BigQuery
  # subscription sorts out nothing: after 10 attempts, about 7 minutes, a message is a dead letter, to be replayed.
  max_delivery_attempts = coalesce(var.max_delivery_attempts, var.ingest == "load" ? 100 : 10)
}

resource "google_pubsub_topic" "fact" {
  for_each = local.facts

  name                       = "${var.prefix}-${each.key}"
  labels                     = var.labels
  kms_key_name               = var.key
  message_retention_duration = var.message_retention
}

resource "google_pubsub_topic" "dead_letter" {
  name         = "${var.prefix}-dead-letter"
  labels       = var.labels
  kms_key_name = var.key
}

# A topic without a subscription drops its messages.
resource "google_pubsub_subscription" "dead_letter" {
  name                       = "${var.prefix}-dead-letter"
  topic                      = google_pubsub_topic.dead_letter.id
  labels                     = var.labels
  message_retention_duration = local.week
  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_subscription" "load" {
  for_each = local.loaded

  name                         = "${var.prefix}-${each.key}-load"
  topic                        = google_pubsub_topic.fact[each.key].id
  labels                       = var.labels
  ack_deadline_seconds         = 60
  message_retention_duration   = local.week
  enable_exactly_once_delivery = true
  expiration_policy {
    ttl = ""
  }
  retry_policy {
    minimum_backoff = local.least_delay
    maximum_backoff = local.most_delay
  }
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letter.id
    max_delivery_attempts = local.max_delivery_attempts
  }
}

resource "google_pubsub_subscription" "bigquery" {
  for_each   = local.written
  depends_on = [google_bigquery_table_iam_member.agent]

  name                       = "${var.prefix}-${each.key}-bigquery"
  topic                      = google_pubsub_topic.fact[each.key].id
  labels                     = var.labels
  message_retention_duration = local.week
  bigquery_config {
    table               = "${var.project}.${var.raw_dataset}.${var.raw_tables[each.key]}"
    use_table_schema    = true
    drop_unknown_fields = false
  }
  expiration_policy {
    ttl = ""
  }
  retry_policy {
    minimum_backoff = local.least_delay
    maximum_backoff = local.most_delay
  }
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letter.id
    max_delivery_attempts = local.max_delivery_attempts
  }
}

locals {
  ways_in = merge(google_pubsub_subscription.load, google_pubsub_subscription.bigquery)
}

resource "google_pubsub_topic_iam_member" "agent" {
  count = var.emulated ? 0 : 1

  topic  = google_pubsub_topic.dead_letter.name
  role   = "roles/pubsub.publisher"
  member = var.service_agent
}

resource "google_pubsub_subscription_iam_member" "agent" {
  for_each = var.emulated ? [] : local.facts

  subscription = local.ways_in[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = var.service_agent
}

# `retail infra apply` creates Pub/Sub's agent before this. Without it, as when Terraform runs by hand, the first topic does.
resource "google_bigquery_table_iam_member" "agent" {
  for_each   = var.emulated ? [] : local.written
  depends_on = [google_pubsub_topic.fact]

  dataset_id = var.raw_dataset
  table_id   = var.raw_tables[each.key]
  role       = "roles/bigquery.dataEditor"
  member     = var.service_agent
}

output "topics" {
  value = { for fact, topic in google_pubsub_topic.fact : fact => topic.name }
}

output "subscriptions" {
  value = { for fact, subscription in local.ways_in : fact => subscription.name }
}

output "dead_letter" {
  value = google_pubsub_topic.dead_letter.name
}

output "dead_letter_subscription" {
  value = google_pubsub_subscription.dead_letter.name
}
