#!/usr/bin/env bash
# Builds terraform-provider-google, with only the services that terraform/ uses, from the Go module proxy into a filesystem
# mirror, and prints the Terraform CLI config that names the mirror. Once; then it is found. Needs Go 1.26.
set -euo pipefail

cache=${RETAIL_PEERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/retail-peers}/terraform
# A commit of the 7.x line: its tags cannot be used, as the module's path has no /v7. 7.99.0 is our name for it.
commit=v1.20.1-0.20260828184646-f3721fb45fa3
version=7.99.0
# Services register themselves when they are imported: leaving the others out saves ten minutes and several GB.
keep='artifactregistry|bigquery|bigqueryconnection|billingbudgets|cloudrunv2|cloudscheduler|compute|dataproc|kms|managedkafka|monitoring|pubsub|resourcemanager|storage'
# After each grant the provider looks three times, a second apart, whether Google knows it everywhere. Our servers do.
hurry='s/fetchBackoff := 1 \* time.Second/fetchBackoff := time.Millisecond/'

mkdir -p "$cache"
# One builder at a time: the others find what it made.
exec 9>"$cache/.lock"
flock 9

recipe=$(printf '%s %s %s' "$commit" "$keep" "$hurry" | cksum | cut -d' ' -f1)
mirror=$cache/mirror-$recipe
binary=$mirror/registry.terraform.io/hashicorp/google/$version/$(go env GOOS)_$(go env GOARCH)/terraform-provider-google_v${version}_x5
config=$cache/terraform-$recipe.tfrc

if [ ! -x "$binary" ]; then
  echo "building the google provider for Terraform (some minutes, once)" >&2
  mkdir -p "$(dirname "$binary")"
  work=$(mktemp -d "$cache/build.XXXXXX")
  trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
  source=$(cd "$work" && go mod download -json "github.com/hashicorp/terraform-provider-google@$commit" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  cp -r "$source/." "$work/"
  chmod -R u+w "$work"
  services=$work/google/provider/provider_register_services.go
  {
    grep -v 'google/services/' "$services" | sed '/^)/,$d'
    grep -E "google/services/($keep)\"" "$services"
    echo ')'
  } >"$work/services.go"
  mv "$work/services.go" "$services"
  sed -i.before "$hurry" "$work/google/tpgiamresource/iam.go"
  # Two at a time: the compiler takes a GB for each of the large packages. Without symbols: before each start of the provider,
  # Terraform reads and hashes all of it. Without inlining, the build takes a fifth less processor time.
  (cd "$work" && nice go build -p 2 -gcflags=all=-l -ldflags='-s -w' -o "$work/provider" .)
  mv "$work/provider" "$binary"
fi

cat >"$config.$$" <<RC
disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path = "$mirror"
  }
}
RC
mv "$config.$$" "$config"
echo "$config"
