# Those without a default come from retail.yaml, by `retail infra`.

variable "project" {
  type        = string
  description = "project id"
}

variable "location" {
  type        = string
  description = "of bucket and datasets: US, EU or a region"
}

variable "region" {
  type        = string
  description = "of everything that runs"
}

variable "bucket" {
  type        = string
  description = "bucket of the lake"
}

variable "dataset" {
  type        = string
  description = "begins the names of the datasets"
}

variable "prefix" {
  type        = string
  description = "begins the names of topics, subscriptions and service accounts"
}

variable "world" {
  type        = string
  description = "id of the world whose data this is"
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
  description = "load: `retail load` pulls; subscription: Pub/Sub writes into BigQuery itself"
  validation {
    condition     = contains(["load", "subscription"], var.ingest)
    error_message = "ingest is load or subscription"
  }
}

variable "versioning" {
  type        = bool
  default     = true
  description = "the bucket keeps what was overwritten or removed for a week"
}

variable "deletion_protection" {
  type        = bool
  default     = true
  description = "nothing that holds data can be destroyed while it is on"
}

variable "message_retention" {
  type        = string
  default     = "86400s"
  description = "how long a topic keeps messages, acknowledged or not: so far back a subscription can seek"
}

variable "max_delivery_attempts" {
  type        = number
  default     = 100
  description = "then a message goes to the dead-letter topic; the most there is, as good data has to outlast an outage"
}

variable "state_folder" {
  type        = string
  default     = "state/"
  description = "the folder of the bucket in which a stream keeps its position, and the only one it may write to"
}

variable "published" {
  type        = string
  default     = "lake/published.json"
  description = "the object that says how far history was loaded"
}

variable "impersonators" {
  type        = list(string)
  default     = []
  description = "who may act as the service accounts: user:jo@example.com, group:data@example.com"
}

variable "emulators" {
  type        = object({ storage = string, pubsub = string, bigquery = string })
  default     = null
  description = "endpoints on this machine instead of Google's; then without IAM and services, which no emulator has"
}

variable "settings" {
  type        = map(string)
  default     = {}
  description = "retail.yaml as environment variables, for what runs in the cloud"
}

variable "job" {
  type = object({
    image  = string
    tasks  = optional(number, 8)
    cpu    = optional(string, "2")
    memory = optional(string, "4Gi")
    env    = optional(map(string), {})
  })
  default     = null
  description = "a Cloud Run job that backfills, each task its shard"
}

variable "spark" {
  type        = object({ subnet_range = optional(string, "10.10.0.0/24") })
  default     = null
  description = "what Dataproc Serverless batches need: an account, a staging bucket, a subnet"
}

variable "archive" {
  type        = bool
  default     = false
  description = "Pub/Sub also writes the events as files into a bucket of their own, for Spark to read"
}
