# One service account for each group of commands, with only the permissions that those commands need. Roles are granted on the
# bucket, dataset, topic, or subscription; on the project, only the permission to run queries.

variable "project" { type = string }
variable "prefix" { type = string }
variable "bucket" { type = string }
variable "state_folder" { type = string }
variable "locks_folder" { type = string }
variable "published" { type = string }
variable "datasets" { type = map(string) }
variable "instant_table" { type = string }
variable "topics" { type = map(string) }
variable "subscriptions" { type = map(string) }
variable "impersonators" { type = list(string) }

locals {
  objects = "projects/_/buckets/${var.bucket}/objects/"

  accounts = {
    backfill  = "seed-dims and backfill: write the lake, load it into raw"
    stream    = "stream: publishes events, keeps its position"
    load      = "load: moves events into raw; dead-letters: publishes some of them again"
    transform = "transform: reads raw, makes staging and marts"
    verify    = "verify and status: read everything, write nothing"
    dashboard = "dashboard: reads marts, nothing else"
  }

  bucket_roles = {
    backfill  = "roles/storage.objectUser"
    stream    = "roles/storage.objectViewer"
    load      = "roles/storage.objectViewer"
    transform = "roles/storage.objectViewer"
    verify    = "roles/storage.objectViewer"
  }

  in_state = "resource.name.startsWith(\"${local.objects}${var.state_folder}\")"
  in_locks = "resource.name.startsWith(\"${local.objects}${var.locks_folder}\")"

  # Beside its role on the bucket, an account may do this with some objects.
  object_grants = {
    stream = {
      role        = "roles/storage.objectUser"
      title       = "position of the stream"
      description = "only objects in ${var.state_folder}"
      expression  = local.in_state
    }
    # One transform of all machines builds at a time.
    transform = {
      role        = "roles/storage.objectUser"
      title       = "right to build"
      description = "only objects in ${var.locks_folder}"
      expression  = local.in_locks
    }
    # The dashboard shows how far the data goes, which is in two objects, and reads no other.
    dashboard = {
      role        = "roles/storage.objectViewer"
      title       = "how far the data go"
      description = "only ${var.published} and objects in ${var.state_folder}"
      expression  = "resource.name == \"${local.objects}${var.published}\" || ${local.in_state}"
    }
  }

  dataset_roles = {
    backfill  = { raw = "roles/bigquery.dataEditor" }
    load      = { raw = "roles/bigquery.dataEditor" }
    transform = { raw = "roles/bigquery.dataViewer", build = "roles/bigquery.dataEditor", marts = "roles/bigquery.dataEditor" }
    verify    = { raw = "roles/bigquery.dataViewer", marts = "roles/bigquery.dataViewer" }
    dashboard = { marts = "roles/bigquery.dataViewer" }
  }

  # Staging authorizes views, and grants of another kind would remove that: google_bigquery_dataset_iam_member cannot be used beside
  # google_bigquery_dataset_access. transform owns staging, because whoever makes a view in an authorized dataset needs
  # bigquery.datasets.update on the dataset that it reads (docs.cloud.google.com/bigquery/docs/authorized-datasets).
  staging_roles = { transform = "OWNER", verify = "READER" }

  # They read how far the marts go, and no row of the marts.
  instant_readers = toset(["backfill", "stream", "load"])

  # A job belongs to a project, so this cannot be granted on anything smaller.
  run_queries = toset(["backfill", "load", "transform", "verify", "dashboard"])

  subscription_roles = {
    load   = ["roles/pubsub.subscriber", "roles/pubsub.viewer"]
    verify = ["roles/pubsub.viewer"]
  }

  member = { for role, account in google_service_account.command : role => "serviceAccount:${account.email}" }

  dataset_grants = merge([
    for who, roles in local.dataset_roles : {
      for layer, role in roles : "${who}/${layer}" => { who = who, layer = layer, role = role }
    }
  ]...)
  subscription_grants = merge(flatten([
    for who, roles in local.subscription_roles : [
      for role in roles : {
        for fact, name in var.subscriptions : "${who}/${fact}/${role}" => { who = who, name = name, role = role }
      }
    ]
  ])...)
  impersonation = { for pair in setproduct(keys(local.accounts), var.impersonators) : join("/", pair) => pair }
}

resource "google_service_account" "command" {
  for_each = local.accounts

  account_id   = "${var.prefix}-${each.key}"
  display_name = "retail ${each.key}"
  description  = "managed by retail; ${each.value}"
}

resource "google_storage_bucket_iam_member" "lake" {
  for_each = local.bucket_roles

  bucket = var.bucket
  role   = each.value
  member = local.member[each.key]
}

resource "google_storage_bucket_iam_member" "some_objects" {
  for_each = local.object_grants

  bucket = var.bucket
  role   = each.value.role
  member = local.member[each.key]
  condition {
    title       = each.value.title
    description = each.value.description
    expression  = each.value.expression
  }
}

moved {
  from = google_storage_bucket_iam_member.position
  to   = google_storage_bucket_iam_member.some_objects["stream"]
}
moved {
  from = google_storage_bucket_iam_member.right_to_build
  to   = google_storage_bucket_iam_member.some_objects["transform"]
}
moved {
  from = google_storage_bucket_iam_member.dashboard
  to   = google_storage_bucket_iam_member.some_objects["dashboard"]
}

# Without permission to list, a missing object would look like a forbidden one.
resource "google_storage_bucket_iam_member" "dashboard_list" {
  bucket = var.bucket
  role   = "roles/storage.legacyBucketReader"
  member = local.member["dashboard"]
}

resource "google_bigquery_dataset_iam_member" "command" {
  for_each = local.dataset_grants

  dataset_id = var.datasets[each.value.layer]
  role       = each.value.role
  member     = local.member[each.value.who]
}

resource "google_bigquery_table_iam_member" "instant" {
  for_each = local.instant_readers

  dataset_id = var.datasets["marts"]
  table_id   = var.instant_table
  role       = "roles/bigquery.dataViewer"
  member     = local.member[each.value]
}

resource "google_bigquery_dataset_access" "staging" {
  for_each = local.staging_roles

  dataset_id    = var.datasets["staging"]
  role          = each.value
  user_by_email = google_service_account.command[each.key].email
}

# The views of marts may read staging, so their readers need no right on it.
resource "google_bigquery_dataset_access" "views" {
  dataset_id = var.datasets["staging"]
  dataset {
    dataset {
      project_id = var.project
      dataset_id = var.datasets["marts"]
    }
    target_types = ["VIEWS"]
  }
}

resource "google_project_iam_member" "queries" {
  for_each = local.run_queries

  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = local.member[each.key]
}

resource "google_pubsub_topic_iam_member" "stream" {
  for_each = var.topics

  topic  = each.value
  role   = "roles/pubsub.publisher"
  member = local.member["stream"]
}

# `dead-letters replay` publishes what was rejected once more.
resource "google_pubsub_topic_iam_member" "replay" {
  for_each = var.topics

  topic  = each.value
  role   = "roles/pubsub.publisher"
  member = local.member["load"]
}

resource "google_pubsub_subscription_iam_member" "command" {
  for_each = local.subscription_grants

  subscription = each.value.name
  role         = each.value.role
  member       = local.member[each.value.who]
}

resource "google_service_account_iam_member" "impersonator" {
  for_each = local.impersonation

  service_account_id = google_service_account.command[each.value[0]].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = each.value[1]
}

output "accounts" {
  value = { for role, account in google_service_account.command : role => account.email }
}
