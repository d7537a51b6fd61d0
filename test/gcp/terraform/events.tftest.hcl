mock_provider "google" {}

variables {
  project               = "a-shop"
  prefix                = "shop"
  ingest                = "load"
  raw_dataset           = "shop_raw"
  raw_tables            = { transactions = "transactions", inventories = "inventories" }
  labels                = { managed-by = "retail", retail-world = "w1" }
  message_retention     = "86400s"
  max_delivery_attempts = null
  emulated              = false
  service_agent         = "serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com"
}

run "each_fact_has_a_topic_and_a_subscription" {
  module { source = "./modules/events" }

  assert {
    condition     = output.topics == { transactions = "shop-transactions", inventories = "shop-inventories" }
    error_message = "the topics have other names"
  }
  assert {
    condition     = output.subscriptions == { transactions = "shop-transactions-load", inventories = "shop-inventories-load" }
    error_message = "the subscriptions have other names"
  }
  assert {
    condition = alltrue([for subscription in google_pubsub_subscription.load :
      subscription.ack_deadline_seconds == 60 && subscription.enable_exactly_once_delivery &&
      subscription.retry_policy[0].minimum_backoff == "10s" && subscription.retry_policy[0].maximum_backoff == "60s" &&
      subscription.expiration_policy[0].ttl == "" && subscription.message_retention_duration == "604800s"
    ])
    error_message = "a subscription waits, repeats, forgets or ends otherwise"
  }
  assert {
    condition = alltrue([for subscription in google_pubsub_subscription.load :
      subscription.dead_letter_policy[0].max_delivery_attempts == 100 && subscription.dead_letter_policy[0].dead_letter_topic == google_pubsub_topic.dead_letter.id
    ])
    error_message = "what cannot be delivered goes nowhere"
  }
  assert {
    condition     = alltrue([for thing in concat(values(google_pubsub_topic.fact), values(google_pubsub_subscription.load), [google_pubsub_topic.dead_letter, google_pubsub_subscription.dead_letter]) : thing.labels == var.labels])
    error_message = "something has no label"
  }
}

run "dead_letters_are_kept_and_may_be_moved" {
  module { source = "./modules/events" }

  assert {
    condition     = google_pubsub_subscription.dead_letter.name == "shop-dead-letter" && google_pubsub_subscription.dead_letter.topic == google_pubsub_topic.dead_letter.id
    error_message = "nobody keeps dead letters"
  }
  assert {
    condition     = google_pubsub_topic_iam_member.agent[0].role == "roles/pubsub.publisher" && google_pubsub_topic_iam_member.agent[0].topic == "shop-dead-letter"
    error_message = "Pub/Sub may not publish dead letters"
  }
  assert {
    condition     = keys(google_pubsub_subscription_iam_member.agent) == ["inventories", "transactions"] && alltrue([for grant in google_pubsub_subscription_iam_member.agent : grant.role == "roles/pubsub.subscriber"])
    error_message = "Pub/Sub may not take dead letters off a subscription"
  }
}

run "pubsub_writes_into_bigquery_when_asked" {
  module { source = "./modules/events" }
  variables {
    ingest = "subscription"
  }

  assert {
    condition     = length(google_pubsub_subscription.load) == 0 && output.subscriptions.inventories == "shop-inventories-bigquery"
    error_message = "there are two ways in"
  }
  assert {
    condition = alltrue([for fact, subscription in google_pubsub_subscription.bigquery :
      subscription.bigquery_config[0].table == "a-shop.shop_raw.${fact}" && subscription.bigquery_config[0].use_table_schema && !subscription.bigquery_config[0].drop_unknown_fields
    ])
    error_message = "events are written elsewhere, or cut"
  }
  assert {
    condition = alltrue([for subscription in google_pubsub_subscription.bigquery :
      subscription.dead_letter_policy[0].max_delivery_attempts == 10 &&
      subscription.dead_letter_policy[0].max_delivery_attempts * tonumber(trimsuffix(subscription.retry_policy[0].maximum_backoff, "s")) <= 15 * 60
    ])
    error_message = "a message that BigQuery never takes is no dead letter within minutes"
  }
  assert {
    condition     = alltrue([for fact, grant in google_bigquery_table_iam_member.agent : grant.role == "roles/bigquery.dataEditor" && grant.table_id == fact])
    error_message = "Pub/Sub may not write, or may write more than its table"
  }
}
