mock_provider "google" {}

variables {
  name                = "a-shop-retail"
  location            = "EU"
  labels              = { managed-by = "retail", retail-world = "w1" }
  versioning          = true
  deletion_protection = true
}

run "bucket_is_private_and_forgives_for_a_week" {
  module { source = "./modules/bucket" }

  assert {
    condition     = google_storage_bucket.this.public_access_prevention == "enforced" && google_storage_bucket.this.uniform_bucket_level_access
    error_message = "a bucket can be made public"
  }
  assert {
    condition     = google_storage_bucket.this.versioning[0].enabled && google_storage_bucket.this.soft_delete_policy[0].retention_duration_seconds == 0
    error_message = "versions and soft deletion are the same thing twice"
  }
  assert {
    condition     = anytrue([for rule in google_storage_bucket.this.lifecycle_rule : one(rule.condition).days_since_noncurrent_time == 7])
    error_message = "old versions are kept for ever"
  }
  assert {
    condition     = !google_storage_bucket.this.force_destroy
    error_message = "a protected bucket goes with all that is in it"
  }
  assert {
    condition     = google_storage_bucket.this.labels == var.labels && google_storage_bucket.this.location == "EU"
    error_message = "labels or location are not those asked for"
  }
}

run "bucket_without_versions_deletes_softly" {
  module { source = "./modules/bucket" }
  variables {
    versioning          = false
    deletion_protection = false
  }

  assert {
    condition     = google_storage_bucket.this.soft_delete_policy[0].retention_duration_seconds == 604800
    error_message = "nothing brings back what was removed by mistake"
  }
  assert {
    condition     = google_storage_bucket.this.force_destroy
    error_message = "an unprotected bucket stays when it holds something"
  }
}
