# `retail infra` sets the variables without a default from retail.yaml.

variable "project" {
  type        = string
  description = "project id"
}

variable "location" {
  type        = string
  description = "location of the bucket and datasets: US, EU, or a region"
}

variable "region" {
  type        = string
  description = "region where jobs run"
}

variable "bucket" {
  type        = string
  description = "bucket of the lake"
}

variable "dataset" {
  type        = string
  description = "prefix of the datasets"
}

variable "prefix" {
  type        = string
  description = "prefix of topics, subscriptions, and service accounts"
}

variable "world" {
  type        = string
  description = "id of the world"
}

variable "schema" {
  type        = string
  default     = "strict"
  description = "strict or extended"
  validation {
    condition     = contains(["strict", "extended"], var.schema)
    error_message = "schema is strict or extended"
  }
}

variable "ingest" {
  type        = string
  default     = "load"
  description = "load: `retail load` moves events to BigQuery; subscription: Pub/Sub writes to BigQuery directly"
  validation {
    condition     = contains(["load", "subscription"], var.ingest)
    error_message = "ingest is load or subscription"
  }
}

variable "versioning" {
  type        = bool
  default     = true
  description = "keep overwritten and deleted objects in the bucket for a week"
}

variable "deletion_protection" {
  type        = bool
  default     = true
  description = "prevent the destruction of every resource that holds data"
}

variable "message_retention" {
  type        = string
  default     = "86400s"
  description = "how long a topic retains messages, including acknowledged ones; a subscription can seek this far back"
}

variable "max_delivery_attempts" {
  type        = number
  default     = null
  description = "delivery attempts before a message goes to the dead-letter topic; default: 100 with load, 10 with subscription"
}

variable "state_folder" {
  type        = string
  default     = "state/"
  description = "folder of the bucket in which a stream stores its position, the only one to which it may write"
}

variable "locks_folder" {
  type        = string
  default     = "locks/"
  description = "folder of the bucket in which a transform stores its right to build, the only one to which it may write"
}

variable "published" {
  type        = string
  default     = "lake/published.json"
  description = "object that records how far history was loaded"
}

variable "impersonators" {
  type        = list(string)
  default     = []
  description = "who may impersonate the service accounts: user:jo@example.com, group:data@example.com"
}

variable "emulators" {
  type        = object({ storage = string, pubsub = string, bigquery = string })
  default     = null
  description = "emulator endpoints to use instead of Google's; then IAM and services are skipped, because no emulator has them"
}

variable "settings" {
  type        = map(string)
  default     = {}
  description = "retail.yaml as environment variables, for cloud jobs"
}

variable "image" {
  type        = string
  default     = null
  description = "image that `retail infra image` built, by its digest; used if `job` names none"
}

variable "job" {
  type = object({
    # Of your own; without it, `retail infra image` builds one.
    image = optional(string)
    # Of backfill, one shard each.
    tasks  = optional(number, 8)
    cpu    = optional(string, "2")
    memory = optional(string, "4Gi")
    env    = optional(map(string), {})
    # When jobs start, as cron in UTC; "" for never.
    schedules = optional(object({
      load      = optional(string, "5 * * * *")
      transform = optional(string, "20 * * * *")
      verify    = optional(string, "50 4 * * *")
      stream    = optional(string, "")
    }), {})
    # A stream of hours is a job. One without an end is a worker pool, which costs money as long as it exists.
    stream = optional(object({
      args    = optional(list(string), ["--real-time"])
      hours   = optional(number, 8)
      endless = optional(bool, false)
    }), {})
  })
  default     = null
  description = "Cloud Run jobs for backfill, load, transform, verify, and stream, and what starts them on time"
  validation {
    condition     = var.job == null || try(var.job.stream.hours >= 1 && var.job.stream.hours <= 167, false)
    error_message = "job.stream.hours is 1 to 167: a task of Cloud Run ends after 168 hours"
  }
}

variable "budget" {
  type = object({
    billing_account = string
    amount          = number
    currency        = optional(string, "USD")
  })
  default     = null
  description = "tells by mail when the project has cost half and all of an amount in a month, and when it is going to"
}

variable "alerts" {
  type = object({
    email           = string
    backlog_minutes = optional(number, 120)
  })
  default     = null
  description = "mail about events that wait, dead letters, and failed jobs"
}

variable "kms_key" {
  type        = string
  default     = null
  description = "a key of yours that encrypts all data: projects/…/locations/…/keyRings/…/cryptoKeys/…; set it before the first apply"
}

variable "spark" {
  type        = object({ subnet_range = optional(string, "10.10.0.0/24") })
  default     = null
  description = "prerequisites of Dataproc Serverless batches: an account, a staging bucket, a subnet"
}

variable "kafka" {
  type = object({
    # A subnet of the project in the region, or projects/…/regions/…/subnetworks/…; only clients in its network reach the brokers.
    subnet = optional(string, "default")
    # Of all brokers together: at least 3 vCPUs, and 1 to 8 GiB for each of them.
    vcpus      = optional(number, 3)
    memory_gib = optional(number, 3)
    # As in the address: kafka://…?prefix=…
    topic_prefix = optional(string, "retail")
    partitions   = optional(number, 6)
    # How long the topics keep events.
    hours = optional(number, 168)
  })
  default     = null
  description = "a cluster of Managed Service for Apache Kafka and its topics, for `stream --to kafka`; it costs money as long as it exists"
  validation {
    condition     = var.kafka == null || try(var.kafka.vcpus >= 3 && var.kafka.memory_gib >= var.kafka.vcpus && var.kafka.memory_gib <= 8 * var.kafka.vcpus, false)
    error_message = "kafka.vcpus is at least 3, and kafka.memory_gib is 1 to 8 times as much"
  }
}

variable "delta" {
  type        = object({})
  default     = null
  description = "tables of BigQuery over the Delta tables of the lake, which they read in place; set it after the first backfill"
}

variable "archive" {
  type        = bool
  default     = false
  description = "also write events as files to a separate bucket, for example for Spark"
}
