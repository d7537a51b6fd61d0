mock_provider "google" {}

variables {
  project             = "a-shop"
  prefix              = "shop"
  region              = "us-central1"
  location            = "US"
  lake                = "a-shop-retail"
  labels              = { managed-by = "retail", retail-world = "w1" }
  deletion_protection = true

  key      = null
  subnet   = null
  image    = "retail:1"
  ingest   = "load"
  settings = { RETAIL_TARGET = "gcp", RETAIL_SEED = "42" }
  accounts = { for command in ["backfill", "load", "stream", "transform", "verify"] : command => "shop-${command}@a-shop.iam.gserviceaccount.com" }
  job = { tasks = 4, cpu = "2", memory = "4Gi", env = { RETAIL_SEED = "7" }, stream = { args = ["--real-time"], hours = 8, endless = false },
    schedules = { load = "5 * * * *", transform = "20 * * * *", verify = "50 4 * * *", stream = "" }
  }
}

run "a_job_has_shards_and_the_account_of_backfill" {
  module { source = "./modules/job" }

  assert {
    condition     = keys(google_cloud_run_v2_job.command) == ["backfill", "load", "stream", "transform", "verify"]
    error_message = "there are other jobs"
  }
  assert {
    condition     = alltrue([for command, job in google_cloud_run_v2_job.command : job.name == "shop-${command}" && job.template[0].template[0].containers[0].args[0] == command && job.template[0].template[0].service_account == "shop-${command}@a-shop.iam.gserviceaccount.com"])
    error_message = "a job has another name, command, or account"
  }
  assert {
    condition     = { for command, schedule in google_cloud_scheduler_job.command : command => schedule.schedule } == { load = "5 * * * *", transform = "20 * * * *", verify = "50 4 * * *" }
    error_message = "another schedule, or a stream that nobody asked for"
  }
  assert {
    condition     = alltrue([for command, grant in google_cloud_run_v2_job_iam_member.scheduler : grant.role == "roles/run.invoker" && grant.name == "shop-${command}"]) && keys(google_cloud_run_v2_job_iam_member.scheduler) == ["load", "transform", "verify"]
    error_message = "the scheduler may start another job, or do more"
  }
  assert {
    condition     = google_cloud_run_v2_job.command["stream"].template[0].template[0].timeout == "29400s" && contains(google_cloud_run_v2_job.command["stream"].template[0].template[0].containers[0].args, "8h")
    error_message = "a stream is cut before it ends by itself"
  }
  assert {
    condition     = length(google_cloud_run_v2_worker_pool.stream) == 0
    error_message = "a pool that nobody asked for costs money all the time"
  }

  assert {
    condition     = google_cloud_run_v2_job.command["backfill"].template[0].task_count == 4 && google_cloud_run_v2_job.command["backfill"].template[0].template[0].service_account == "shop-backfill@a-shop.iam.gserviceaccount.com"
    error_message = "the job has other tasks or another account"
  }
  assert {
    condition     = { for env in google_cloud_run_v2_job.command["backfill"].template[0].template[0].containers[0].env : env.name => env.value } == { RETAIL_TARGET = "gcp", RETAIL_SEED = "7", RETAIL_STREAM_STOP_AFTER = "8h" }
    error_message = "the job has another config"
  }
  assert {
    condition     = alltrue([for job in google_cloud_run_v2_job.command : job.labels == var.labels && job.deletion_protection])
    error_message = "the job is unlabelled or unprotected"
  }
  assert {
    condition     = toset([for grant in google_cloud_run_v2_job_iam_member.backfill : "${grant.name} ${grant.role} ${grant.member}"]) == toset([for role in ["jobsExecutorWithOverrides", "viewer"] : "shop-backfill roles/run.${role} serviceAccount:shop-backfill@a-shop.iam.gserviceaccount.com"])
    error_message = "who may start the job is another"
  }
}

run "a_stream_without_an_end_is_a_pool_and_never_ends_by_itself" {
  module { source = "./modules/job" }
  variables {
    ingest = "subscription"
    job = { tasks = 1, cpu = "1", memory = "1Gi", env = {}, stream = { args = ["--rate", "5"], hours = 8, endless = true },
      schedules = { load = "5 * * * *", transform = "", verify = "50 4 * * *", stream = "0 6 * * *" }
    }
  }

  assert {
    condition     = keys(google_cloud_run_v2_job.command) == ["backfill", "transform", "verify"] && keys(google_cloud_scheduler_job.command) == ["verify"]
    error_message = "something starts a job that is not there, or a command that is not needed"
  }
  assert {
    condition     = google_cloud_run_v2_worker_pool.stream[0].template[0].containers[0].args == tolist(["stream", "--json", "--rate", "5"]) && google_cloud_run_v2_worker_pool.stream[0].scaling[0].manual_instance_count == 1
    error_message = "the pool runs something that ends, or more than one of it"
  }
  assert {
    condition     = [for env in google_cloud_run_v2_worker_pool.stream[0].template[0].containers[0].env : env.value if env.name == "RETAIL_STREAM_STOP_AFTER"] == ["36500d"]
    error_message = "the stream in the pool ends by itself, and the pool would start it again"
  }
}

run "an_image_is_built_by_an_account_that_can_do_nothing_else" {
  module { source = "./modules/image" }

  assert {
    condition     = google_artifact_registry_repository.images.docker_config[0].immutable_tags && google_artifact_registry_repository.images.labels == var.labels && length(google_artifact_registry_repository.images.cleanup_policies) == 2
    error_message = "a tag can come to mean another image, or images pile up"
  }
  assert {
    condition     = google_storage_bucket.sources.public_access_prevention == "enforced" && one(one(google_storage_bucket.sources.lifecycle_rule).condition).age == 1
    error_message = "sources are public or stay"
  }
  assert {
    condition     = google_storage_bucket_iam_member.build.role == "roles/storage.objectViewer" && google_artifact_registry_repository_iam_member.build.role == "roles/artifactregistry.writer" && google_project_iam_member.build.role == "roles/logging.logWriter"
    error_message = "the build may do more than read its sources, write its image, and log"
  }
}

run "alerts_are_about_our_things_only" {
  module { source = "./modules/alerts" }
  variables {
    email           = "jo@example.com"
    backlog_minutes = 30
    subscriptions   = { transactions = "shop-transactions-load", inventories = "shop-inventories-load" }
    jobs            = { load = "shop-load" }
  }

  assert {
    condition     = keys(google_monitoring_alert_policy.this) == ["backlog", "dead-letters", "failed-jobs"]
    error_message = "there are other alerts"
  }
  assert {
    condition     = alltrue([for name, policy in google_monitoring_alert_policy.this : strcontains(policy.conditions[0].condition_threshold[0].filter, name == "failed-jobs" ? "one_of(\"shop-load\")" : "one_of(\"shop-inventories-load\", \"shop-transactions-load\")")])
    error_message = "an alert is about somebody else's things"
  }
  assert {
    condition     = google_monitoring_alert_policy.this["backlog"].conditions[0].condition_threshold[0].threshold_value == 1800
    error_message = "a backlog is reported at another time"
  }
}

run "a_budget_is_about_this_project" {
  module { source = "./modules/budget" }
  variables {
    project_number  = "123"
    billing_account = "000000-000000-000000"
    amount          = 20
    currency        = "USD"
    channels        = []
  }

  assert {
    condition     = google_billing_budget.this.budget_filter[0].projects == toset(["projects/123"]) && length(google_billing_budget.this.threshold_rules) == 3
    error_message = "the budget counts other projects, or tells too late"
  }
}

run "spark_stays_inside" {
  module { source = "./modules/spark" }
  variables {
    raw_dataset = "shop_raw"
    spark       = { subnet_range = "10.10.0.0/24" }
    archive     = "a-shop-retail-archive"
    loader      = "shop-load@a-shop.iam.gserviceaccount.com"
  }

  assert {
    condition     = google_compute_subnetwork.spark.private_ip_google_access && !google_compute_network.spark.auto_create_subnetworks && google_compute_firewall.spark.source_ranges == toset(["10.10.0.0/24"])
    error_message = "workers can be reached from outside, or cannot reach Google"
  }
  assert {
    condition     = keys(google_project_iam_member.spark) == ["roles/bigquery.jobUser", "roles/dataproc.worker"]
    error_message = "spark has another right on the project"
  }
  assert {
    condition     = google_storage_bucket_iam_member.archive[0].role == "roles/storage.objectViewer"
    error_message = "a batch cannot read the events, or may change them"
  }
  assert {
    condition     = alltrue([for grant in [google_storage_bucket_iam_member.load[0], google_storage_bucket_iam_member.loaded[0]] : grant.bucket == output.batch.staging_bucket && grant.member == "serviceAccount:shop-load@a-shop.iam.gserviceaccount.com"])
    error_message = "retail load cannot read what a batch wrote"
  }
  assert {
    condition     = google_storage_bucket_iam_member.load[0].role == "roles/storage.objectViewer" && strcontains(google_storage_bucket_iam_member.loaded[0].condition[0].expression, "/_loaded/")
    error_message = "retail load may change more than its notes"
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

run "a_kafka_cluster_keeps_positions_and_lets_the_stream_in" {
  module { source = "./modules/kafka" }
  variables {
    kafka = { subnet = "projects/net/regions/us-central1/subnetworks/shared", vcpus = 3, memory_gib = 6, topic_prefix = "shop", partitions = 12, hours = 24 }
  }

  assert {
    condition     = google_managed_kafka_cluster.this.cluster_id == "shop-kafka" && google_managed_kafka_cluster.this.capacity_config[0].memory_bytes == "6442450944" && google_managed_kafka_cluster.this.gcp_config[0].access_config[0].network_configs[0].subnet == "projects/net/regions/us-central1/subnetworks/shared"
    error_message = "the cluster has another size or network"
  }
  assert {
    condition     = { for table, topic in google_managed_kafka_topic.events : topic.topic_id => topic.partition_count } == { "shop.inventories" = 12, "shop.transactions" = 12 } && alltrue([for topic in google_managed_kafka_topic.events : topic.configs["retention.ms"] == "86400000"])
    error_message = "the topics are not those of stream --to kafka"
  }
  assert {
    condition     = google_managed_kafka_topic.positions.topic_id == "shop.positions" && google_managed_kafka_topic.positions.partition_count == 1 && google_managed_kafka_topic.positions.configs["cleanup.policy"] == "compact"
    error_message = "a stream would lose its position"
  }
  assert {
    condition     = google_project_iam_member.client.role == "roles/managedkafka.client" && google_project_iam_member.client.member == "serviceAccount:shop-stream@a-shop.iam.gserviceaccount.com"
    error_message = "somebody else, or nobody, may write"
  }
}

run "a_stream_to_kafka_runs_in_its_network" {
  module { source = "./modules/job" }
  variables {
    subnet = "projects/a-shop/regions/us-central1/subnetworks/default"
  }

  assert {
    condition     = { for command, job in google_cloud_run_v2_job.command : command => length(job.template[0].template[0].vpc_access) } == { backfill = 0, load = 0, stream = 1, transform = 0, verify = 0 }
    error_message = "the stream cannot reach the brokers, or others can"
  }
}

run "delta_tables_are_read_in_place_by_an_account_of_their_own" {
  module { source = "./modules/delta" }
  variables {
    dataset = "retail"
  }

  assert {
    condition     = keys(google_bigquery_table.delta) == ["inventories", "product", "store", "transactions"] && alltrue([for table in google_bigquery_table.delta : table.dataset_id == "retail_lake" && !table.deletion_protection])
    error_message = "there are other tables"
  }
  assert {
    condition     = [for name, table in google_bigquery_table.delta : one(table.external_data_configuration).source_uris[0]] == [for name in ["inventories", "product", "store", "transactions"] : "gs://a-shop-retail/lake/${name}"]
    error_message = "a table reads another folder"
  }
  assert {
    condition     = alltrue([for table in google_bigquery_table.delta : one(table.external_data_configuration).source_format == "DELTA_LAKE" && one(table.external_data_configuration).connection_id == "projects/a-shop/locations/us/connections/shop-lake"])
    error_message = "a table is not read as a Delta table, or by nobody's account"
  }
  assert {
    condition     = google_storage_bucket_iam_member.reader.role == "roles/storage.objectViewer" && google_storage_bucket_iam_member.reader.bucket == "a-shop-retail"
    error_message = "the account may do more than read, or elsewhere"
  }
}
