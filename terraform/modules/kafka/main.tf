# A cluster of Managed Service for Apache Kafka, reached from one subnet of the project, and the topics of `stream --to kafka`.
# Its brokers have addresses inside the VPC only, so whoever streams runs there.

variable "project" { type = string }
variable "prefix" { type = string }
variable "region" { type = string }
variable "kafka" {
  type = object({
    subnet       = string
    vcpus        = number
    memory_gib   = number
    topic_prefix = string
    partitions   = number
    hours        = number
  })
}
variable "accounts" { type = map(string) }
variable "labels" { type = map(string) }
variable "key" { type = string }

locals {
  # A name without slashes is a subnet of the project, in its region.
  subnet = length(split("/", var.kafka.subnet)) > 1 ? var.kafka.subnet : "projects/${var.project}/regions/${var.region}/subnetworks/${var.kafka.subnet}"
  events = ["transactions", "inventories"]
}

resource "google_managed_kafka_cluster" "this" {
  cluster_id = "${var.prefix}-kafka"
  location   = var.region
  labels     = var.labels

  capacity_config {
    vcpu_count   = var.kafka.vcpus
    memory_bytes = var.kafka.memory_gib * 1073741824
  }
  gcp_config {
    access_config {
      network_configs {
        subnet = local.subnet
      }
    }
    kms_key = var.key
  }
  # Brokers that are added get their share of the partitions.
  rebalance_config {
    mode = "AUTO_REBALANCE_ON_SCALE_UP"
  }
}

resource "google_managed_kafka_topic" "events" {
  for_each = toset(local.events)

  cluster            = google_managed_kafka_cluster.this.cluster_id
  location           = var.region
  topic_id           = "${var.kafka.topic_prefix}.${each.key}"
  partition_count    = var.kafka.partitions
  replication_factor = 3
  configs = {
    "retention.ms" = tostring(var.kafka.hours * 3600000)
  }
}

# Where a stream is: the last record of each world counts, so it is compacted, and kept as long as the cluster.
resource "google_managed_kafka_topic" "positions" {
  cluster            = google_managed_kafka_cluster.this.cluster_id
  location           = var.region
  topic_id           = "${var.kafka.topic_prefix}.positions"
  partition_count    = 1
  replication_factor = 3
  configs = {
    "cleanup.policy"            = "compact"
    "segment.ms"                = "600000"
    "min.cleanable.dirty.ratio" = "0.01"
  }
}

# Google has no role on a single cluster ("Access control with IAM", Managed Service for Apache Kafka).
resource "google_project_iam_member" "client" {
  project = var.project
  role    = "roles/managedkafka.client"
  member  = "serviceAccount:${var.accounts["stream"]}"
}

output "cluster" {
  value = google_managed_kafka_cluster.this.cluster_id
}

output "bootstrap" {
  value = "bootstrap.${google_managed_kafka_cluster.this.cluster_id}.${var.region}.managedkafka.${var.project}.cloud.goog:9092"
}

output "subnet" {
  value = local.subnet
}
