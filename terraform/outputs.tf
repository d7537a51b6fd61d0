output "project" {
  value = var.project
}

output "bucket" {
  value = module.lake.name
}

output "datasets" {
  value = module.warehouse.datasets
}

output "topics" {
  value = module.events.topics
}

output "subscriptions" {
  value = module.events.subscriptions
}

output "dead_letter" {
  value = module.events.dead_letter
}

output "accounts" {
  value = try(module.access[0].accounts, {})
}

output "job" {
  value = one(module.job[*].name)
}

output "jobs" {
  value = try(module.job[0].names, {})
}

output "image" {
  value = local.built ? var.image : null
}

output "build" {
  value = one(module.image[*].build)
}

output "spark" {
  value = one(module.spark[*].batch)
}

output "kafka" {
  value = length(module.kafka) == 0 ? null : { cluster = module.kafka[0].cluster, brokers = module.kafka[0].bootstrap }
}

output "delta" {
  value = one(module.delta[*].dataset)
}

output "archive" {
  value = one(module.archive[*].bucket)
}
