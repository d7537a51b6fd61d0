mock_provider "google" {}

variables {
  project             = "a-shop"
  prefix              = "shop"
  region              = "us-central1"
  location            = "US"
  lake                = "a-shop-retail"
  labels              = { managed-by = "retail", retail-world = "w1" }
  deletion_protection = true
}

run "a_job_has_shards_and_the_account_of_backfill" {
  module { source = "./modules/job" }
  variables {
    name     = "shop-backfill"
    account  = "shop-backfill@a-shop.iam.gserviceaccount.com"
    job      = { image = "retail:1", tasks = 4, cpu = "2", memory = "4Gi", env = { RETAIL_SEED = "7" } }
    settings = { RETAIL_TARGET = "gcp", RETAIL_SEED = "42" }
  }

  assert {
    condition     = google_cloud_run_v2_job.backfill.template[0].task_count == 4 && google_cloud_run_v2_job.backfill.template[0].template[0].service_account == "shop-backfill@a-shop.iam.gserviceaccount.com"
    error_message = "the job has other tasks or another account"
  }
  assert {
    condition     = { for env in google_cloud_run_v2_job.backfill.template[0].template[0].containers[0].env : env.name => env.value } == { RETAIL_TARGET = "gcp", RETAIL_SEED = "7" }
    error_message = "the job has another config"
  }
  assert {
    condition     = google_cloud_run_v2_job.backfill.labels == var.labels && google_cloud_run_v2_job.backfill.deletion_protection
    error_message = "the job is unlabelled or unprotected"
  }
  assert {
    condition     = toset([for grant in google_cloud_run_v2_job_iam_member.backfill : "${grant.name} ${grant.role} ${grant.member}"]) == toset([for role in ["jobsExecutorWithOverrides", "viewer"] : "shop-backfill roles/run.${role} serviceAccount:shop-backfill@a-shop.iam.gserviceaccount.com"])
    error_message = "who may start the job is another"
  }
}

run "spark_stays_inside" {
  module { source = "./modules/spark" }
  variables {
    raw_dataset = "shop_raw"
    spark       = { subnet_range = "10.10.0.0/24" }
  }

  assert {
    condition     = google_compute_subnetwork.spark.private_ip_google_access && !google_compute_network.spark.auto_create_subnetworks && google_compute_firewall.spark.source_ranges == toset(["10.10.0.0/24"])
    error_message = "workers can be reached from outside, or cannot reach Google"
  }
  assert {
    condition     = keys(google_project_iam_member.spark) == ["roles/bigquery.jobUser", "roles/dataproc.worker"]
    error_message = "spark has another right on the project"
  }
}

run "an_archive_has_a_bucket_of_its_own" {
  module { source = "./modules/archive" }
  variables {
    emulated      = false
    topics        = { transactions = "shop-transactions", inventories = "shop-inventories" }
    service_agent = "serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com"
  }

  assert {
    condition     = output.bucket == "a-shop-retail-archive" && google_pubsub_subscription.archive["transactions"].name == "shop-transactions-archive"
    error_message = "the archive has other names"
  }
  assert {
    condition     = alltrue([for subscription in google_pubsub_subscription.archive : subscription.cloud_storage_config[0].bucket == output.bucket && subscription.labels == var.labels])
    error_message = "the archive is written elsewhere"
  }
}
