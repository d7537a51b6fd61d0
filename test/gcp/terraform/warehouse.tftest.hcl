mock_provider "google" {}

variables {
  dataset             = "shop"
  location            = "EU"
  schema              = "strict"
  labels              = { managed-by = "retail", retail-world = "w1" }
  deletion_protection = true
}

run "datasets_are_raw_staging_build_and_marts" {
  module { source = "./modules/warehouse" }

  assert {
    condition     = output.datasets == { raw = "shop_raw", staging = "shop_staging", build = "shop_build", marts = "shop_marts" }
    error_message = "the datasets have other names"
  }
  assert {
    condition     = alltrue([for dataset in google_bigquery_dataset.layer : dataset.location == "EU" && dataset.labels == var.labels && !dataset.delete_contents_on_destroy])
    error_message = "a dataset is elsewhere, has no label, or goes with all that is in it"
  }
}

run "facts_are_partitioned_by_day_and_clustered_by_product" {
  module { source = "./modules/warehouse" }

  assert {
    condition     = keys(google_bigquery_table.fact) == ["inventories", "transactions"] && keys(google_bigquery_table.dimension) == ["product", "store"]
    error_message = "raw has other tables"
  }
  assert {
    condition = alltrue([for table in google_bigquery_table.fact :
      table.time_partitioning[0].type == "DAY" && table.time_partitioning[0].field == "timestamp" && table.clustering == tolist(["product_id"]) && table.require_partition_filter
    ])
    error_message = "a fact table has other partitions or clusters, or may be read without a time"
  }
  assert {
    condition     = [for field in jsondecode(google_bigquery_table.fact["transactions"].schema) : field.name] == ["transaction_id", "product_id", "timestamp", "quantity", "unit_price", "store_id"]
    error_message = "transactions has other columns"
  }
  assert {
    condition = alltrue([for table in concat(values(google_bigquery_table.fact), values(google_bigquery_table.dimension), [google_bigquery_table.dead_letter]) :
      table.deletion_protection && table.labels == var.labels && table.dataset_id == "shop_raw"
    ])
    error_message = "a table is unprotected, unlabelled or elsewhere"
  }
  assert {
    condition     = google_bigquery_table.published.dataset_id == "shop_marts" && [for field in jsondecode(google_bigquery_table.published.schema) : field.name] == ["history", "live", "job"] && google_bigquery_table.published.deletion_protection
    error_message = "the instant of the marts is elsewhere, unprotected, or has other columns"
  }
  assert {
    condition     = google_bigquery_table.dead_letter.time_partitioning[0].field == "received_at"
    error_message = "dead letters have no days"
  }
}

run "an_extended_world_has_more_columns" {
  module { source = "./modules/warehouse" }
  variables {
    schema = "extended"
  }

  assert {
    condition     = length(jsondecode(google_bigquery_table.fact["transactions"].schema)) == 8 && length(jsondecode(google_bigquery_table.fact["inventories"].schema)) == 7
    error_message = "columns of the extended schema are missing"
  }

  assert {
    condition     = keys(google_bigquery_table.dimension) == ["customer", "price_history", "product", "store"]
    error_message = "an extended world has customers and prices over time"
  }
}

run "protection_can_be_taken_away" {
  module { source = "./modules/warehouse" }
  variables {
    deletion_protection = false
  }

  assert {
    condition     = alltrue([for table in google_bigquery_table.fact : !table.deletion_protection]) && alltrue([for dataset in google_bigquery_dataset.layer : dataset.delete_contents_on_destroy])
    error_message = "something stays protected"
  }
}
