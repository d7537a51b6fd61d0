# The bucket for the state of terraform. It must exist before everything else, so `retail infra apply` creates it first, with
# this separate configuration. `retail infra destroy` keeps it.

terraform {
  required_version = ">= 1.7"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.0"
    }
  }
}

variable "project" { type = string }
variable "location" { type = string }
variable "bucket" { type = string }
variable "labels" { type = map(string) }
variable "versioning" { type = bool }
variable "storage_endpoint" { type = string }

provider "google" {
  project                         = var.project
  request_timeout                 = "60s"
  access_token                    = var.storage_endpoint == null ? null : "fake"
  storage_custom_endpoint         = var.storage_endpoint
  add_terraform_attribution_label = false
}

module "state" {
  source = "../modules/bucket"

  name                = var.bucket
  location            = var.location
  labels              = var.labels
  versioning          = var.versioning
  deletion_protection = true
}
