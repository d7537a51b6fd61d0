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
    condition     = output.job == null && output.spark == null && output.archive == null && output.kafka == null && output.delta == null
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

run "a_kafka_cluster_has_topics_a_client_and_a_stream_in_its_network" {
  variables {
    kafka = { partitions = 12 }
    job   = { image = "retail:1" }
  }

  assert {
    condition     = output.kafka == { cluster = "retail-kafka", brokers = "bootstrap.retail-kafka.us-central1.managedkafka.a-shop.cloud.goog:9092" }
    error_message = "the cluster has another name or address"
  }
  assert {
    condition     = length(setintersection(keys(google_project_service.api), ["managedkafka", "compute"])) == 2
    error_message = "a service is not enabled"
  }
  assert {
    condition     = module.kafka[0].subnet == "projects/a-shop/regions/us-central1/subnetworks/default"
    error_message = "it is in another network"
  }
}

run "a_cluster_that_google_does_not_sell_is_refused" {
  command = plan
  variables {
    kafka = { vcpus = 2 }
  }
  expect_failures = [var.kafka]
}

run "the_lake_has_tables_in_bigquery" {
  variables {
    delta = {}
  }

  assert {
    condition     = output.delta == "retail_lake" && length(setintersection(keys(google_project_service.api), ["bigqueryconnection", "bigqueryreservation"])) == 2
    error_message = "the dataset has another name, or a service is not enabled"
  }
}

run "jobs_wait_for_an_image" {
  variables {
    job = {}
  }

  assert {
    condition     = output.job == null && output.build.repository == "us-central1-docker.pkg.dev/a-shop/retail" && output.build.sources == "a-shop-retail-build"
    error_message = "a job has no image, or there is no place to build one"
  }
  assert {
    condition     = length(setintersection(keys(google_project_service.api), ["run", "cloudscheduler", "artifactregistry", "cloudbuild"])) == 4
    error_message = "a service is not enabled"
  }
}

run "a_key_of_yours_encrypts_everything_that_keeps_data" {
  variables {
    kms_key = "projects/a-shop/locations/us/keyRings/shop/cryptoKeys/shop"
    job     = {}
    image   = "us-central1-docker.pkg.dev/a-shop/retail/retail@sha256:0"
    alerts  = { email = "jo@example.com" }
    budget  = { billing_account = "000000-000000-000000", amount = 20 }
  }

  assert {
    condition     = keys(output.jobs) == ["backfill", "load", "stream", "transform", "verify"] && output.image == "us-central1-docker.pkg.dev/a-shop/retail/retail@sha256:0"
    error_message = "the image that was built is not used"
  }
  assert {
    condition     = length(module.key) == 1 && module.key[0].key == var.kms_key && length(module.alerts) == 1 && length(module.budget) == 1
    error_message = "an option is missing"
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
