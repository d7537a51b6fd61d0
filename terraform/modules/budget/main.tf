# Tells when this project has cost half and all of an amount in a month, and when it is going to. It stops nothing.

variable "project_number" { type = string }
variable "prefix" { type = string }
variable "billing_account" { type = string }
variable "amount" { type = number }
variable "currency" { type = string }
variable "channels" { type = list(string) }

resource "google_billing_budget" "this" {
  billing_account = var.billing_account
  display_name    = "retail ${var.prefix}"

  budget_filter {
    projects = ["projects/${var.project_number}"]
  }
  amount {
    specified_amount {
      currency_code = var.currency
      units         = var.amount
    }
  }
  threshold_rules {
    threshold_percent = 0.5
  }
  threshold_rules {
    threshold_percent = 1
  }
  threshold_rules {
    threshold_percent = 1
    spend_basis       = "FORECASTED_SPEND"
  }
  # The billing account's administrators get mail in any case.
  dynamic "all_updates_rule" {
    for_each = length(var.channels) == 0 ? [] : [var.channels]
    content {
      monitoring_notification_channels = all_updates_rule.value
    }
  }
}
