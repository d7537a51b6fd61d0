mock_provider "google" {
  mock_resource "google_service_account" {
    defaults = {
      email = "somebody@a-shop.iam.gserviceaccount.com"
      name  = "projects/a-shop/serviceAccounts/somebody@a-shop.iam.gserviceaccount.com"
    }
  }
}

variables {
  project       = "a-shop"
  prefix        = "shop"
  bucket        = "a-shop-retail"
  state_folder  = "state/"
  locks_folder  = "locks/"
  published     = "lake/published.json"
  datasets      = { raw = "shop_raw", staging = "shop_staging", build = "shop_build", marts = "shop_marts" }
  instant_table = "published"
  topics        = { transactions = "shop-transactions", inventories = "shop-inventories" }
  subscriptions = { transactions = "shop-transactions-load", inventories = "shop-inventories-load", dead_letter = "shop-dead-letter" }
  impersonators = ["user:jo@example.com"]
}

run "nobody_may_do_more_than_its_commands_do" {
  module { source = "./modules/access" }

  assert {
    condition = { for key, grant in google_bigquery_dataset_iam_member.command : key => "${grant.dataset_id} ${grant.role}" } == {
      "backfill/raw"    = "shop_raw roles/bigquery.dataEditor"
      "load/raw"        = "shop_raw roles/bigquery.dataEditor"
      "transform/raw"   = "shop_raw roles/bigquery.dataViewer"
      "transform/build" = "shop_build roles/bigquery.dataEditor"
      "transform/marts" = "shop_marts roles/bigquery.dataEditor"
      "verify/raw"      = "shop_raw roles/bigquery.dataViewer"
      "verify/marts"    = "shop_marts roles/bigquery.dataViewer"
      "dashboard/marts" = "shop_marts roles/bigquery.dataViewer"
    }
    error_message = "rights on datasets are others"
  }
  assert {
    condition     = { for who, grant in google_bigquery_dataset_access.staging : who => "${grant.dataset_id} ${grant.role}" } == { transform = "shop_staging OWNER", verify = "shop_staging READER" }
    error_message = "rights on staging are others"
  }
  assert {
    condition = { for who, grant in google_bigquery_table_iam_member.instant : who => "${grant.dataset_id}.${grant.table_id} ${grant.role}" } == {
      for who in ["backfill", "load", "stream"] : who => "shop_marts.published roles/bigquery.dataViewer"
    }
    error_message = "others read how far the marts go, or more of the marts"
  }
  assert {
    condition     = google_bigquery_dataset_access.views.dataset_id == "shop_staging" && google_bigquery_dataset_access.views.dataset[0].dataset[0].dataset_id == "shop_marts" && google_bigquery_dataset_access.views.dataset[0].target_types == tolist(["VIEWS"])
    error_message = "readers of the marts need a right on staging"
  }
  assert {
    condition     = { for who, grant in google_storage_bucket_iam_member.lake : who => grant.role if grant.role != "roles/storage.objectViewer" } == { backfill = "roles/storage.objectUser" }
    error_message = "somebody else than backfill may write all of the lake"
  }
  assert {
    condition     = google_storage_bucket_iam_member.some_objects["stream"].condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/a-shop-retail/objects/state/\")"
    error_message = "a stream may write more than its position"
  }
  assert {
    condition     = google_storage_bucket_iam_member.some_objects["transform"].condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/a-shop-retail/objects/locks/\")"
    error_message = "a transform may write more than its right to build"
  }
  assert {
    condition     = google_storage_bucket_iam_member.some_objects["dashboard"].condition[0].expression == "resource.name == \"projects/_/buckets/a-shop-retail/objects/lake/published.json\" || resource.name.startsWith(\"projects/_/buckets/a-shop-retail/objects/state/\")"
    error_message = "a dashboard may read more of the bucket than how far the data go"
  }
  assert {
    condition     = alltrue([for grant in google_project_iam_member.queries : grant.role == "roles/bigquery.jobUser"]) && !contains(keys(google_project_iam_member.queries), "stream")
    error_message = "a right on the whole project"
  }
  assert {
    condition     = { for fact, grant in google_pubsub_topic_iam_member.stream : fact => "${grant.topic} ${grant.role}" } == { for fact, grant in google_pubsub_topic_iam_member.replay : fact => "${grant.topic} ${grant.role}" }
    error_message = "what stream publishes cannot be published again"
  }
  assert {
    condition     = { for fact, grant in google_pubsub_topic_iam_member.stream : fact => "${grant.topic} ${grant.role}" } == { transactions = "shop-transactions roles/pubsub.publisher", inventories = "shop-inventories roles/pubsub.publisher" }
    error_message = "rights on topics are others"
  }
  assert {
    condition = toset([for grant in google_pubsub_subscription_iam_member.command : "${grant.subscription} ${grant.role}"]) == toset(flatten([
      for name in ["shop-transactions-load", "shop-inventories-load", "shop-dead-letter"] : ["${name} roles/pubsub.subscriber", "${name} roles/pubsub.viewer"]
    ]))
    error_message = "rights on subscriptions are others"
  }
}

run "nothing_is_public_and_nobody_is_admin" {
  module { source = "./modules/access" }

  assert {
    condition = alltrue([for grant in concat(
      values(google_storage_bucket_iam_member.lake), values(google_bigquery_dataset_iam_member.command), values(google_bigquery_table_iam_member.instant), values(google_project_iam_member.queries),
      values(google_pubsub_topic_iam_member.stream), values(google_pubsub_topic_iam_member.replay), values(google_pubsub_subscription_iam_member.command), values(google_storage_bucket_iam_member.some_objects), [google_storage_bucket_iam_member.dashboard_list],
    ) : startswith(grant.member, "serviceAccount:") && !strcontains(lower(grant.role), "admin") && !contains(["roles/editor", "roles/owner", "roles/viewer"], grant.role)])
    error_message = "a grant to everybody, or of everything"
  }
}

run "accounts_are_named_and_lent_as_asked" {
  module { source = "./modules/access" }

  assert {
    condition     = [for account in google_service_account.command : account.account_id] == ["shop-backfill", "shop-dashboard", "shop-load", "shop-stream", "shop-transform", "shop-verify"]
    error_message = "the accounts have other names"
  }
  assert {
    condition     = alltrue([for account in google_service_account.command : startswith(account.description, "managed by retail")])
    error_message = "an account does not say whose it is"
  }
  assert {
    condition     = length(google_service_account_iam_member.impersonator) == 6 && alltrue([for grant in google_service_account_iam_member.impersonator : grant.member == "user:jo@example.com"])
    error_message = "others may act as the accounts"
  }
}
