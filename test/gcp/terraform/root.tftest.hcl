mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123" }
  }
}

variables {
  project  = "a-shop"
  location = "US"
  region   = "us-central1"
  bucket   = "a-shop-retail"
  dataset  = "retail"
  prefix   = "retail"
  world    = "w1"
}

run "names_come_from_three_words" {
  assert {
    condition     = output.bucket == "a-shop-retail" && output.datasets.marts == "retail_marts" && output.topics.transactions == "retail-transactions" && output.subscriptions.inventories == "retail-inventories-load" && output.dead_letter == "retail-dead-letter"
    error_message = "names do not derive from bucket, dataset and prefix"
  }
  assert {
    condition     = keys(output.accounts) == ["backfill", "dashboard", "load", "stream", "transform", "verify"]
    error_message = "there are other accounts"
  }
}

run "services_are_enabled_and_left_to_others" {
  assert {
    condition     = keys(google_project_service.api) == ["bigquery", "bigquerystorage", "cloudresourcemanager", "iam", "pubsub", "storage"]
    error_message = "other services are enabled"
  }
  assert {
    condition     = alltrue([for api in google_project_service.api : !api.disable_on_destroy])
    error_message = "destroying turns off what others may use"
  }
}

run "options_are_off" {
  assert {
    condition     = output.job == null && output.spark == null && output.archive == null
    error_message = "something is made that nobody asked for"
  }
}

run "options_can_be_on" {
  variables {
    job      = { image = "us-docker.pkg.dev/a-shop/retail/retail:1", tasks = 4, env = { RETAIL_SEED = "7" } }
    settings = { RETAIL_TARGET = "gcp", RETAIL_SEED = "42" }
    spark    = {}
    archive  = true
  }

  assert {
    condition     = output.job == "retail-backfill" && output.spark.staging_bucket == "a-shop-retail-spark" && output.archive == "a-shop-retail-archive"
    error_message = "an option is missing"
  }
  assert {
    condition     = length(setintersection(keys(google_project_service.api), ["run", "dataproc", "compute"])) == 3
    error_message = "a service is not enabled"
  }
}

run "emulators_have_no_iam_and_no_services" {
  variables {
    emulators = { storage = "http://127.0.0.1:1/storage/v1/", pubsub = "http://127.0.0.1:2/v1/", bigquery = "http://127.0.0.1:3/bigquery/v2/" }
  }

  assert {
    condition     = length(google_project_service.api) == 0 && length(module.access) == 0 && length(data.google_project.this) == 0
    error_message = "an emulator is asked for what it does not have"
  }
}

run "another_schema_is_refused" {
  command = plan
  variables {
    schema = "loose"
  }
  expect_failures = [var.schema]
}
