# Lets the services that keep data encrypt it with a key of yours (CMEK). The key must exist, in the location of the data.

variable "key" { type = string }
variable "agents" { type = map(string) }

resource "google_kms_crypto_key_iam_member" "agent" {
  for_each = var.agents

  crypto_key_id = var.key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = each.value
}

# Whatever names the key waits for the grants.
output "key" {
  value      = var.key
  depends_on = [google_kms_crypto_key_iam_member.agent]
}
