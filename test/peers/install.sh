#!/usr/bin/env bash
# Installs the three servers that speak Google's protocols into a cache folder, once, and prints where they are as KEY=path
# lines. Pinned: fake-gcs-server by its module version, bqemulator by a lock with hashes; the Pub/Sub emulator is the one of
# the gcloud SDK. Says what is missing and how to get it, and exits 3.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${RETAIL_PEERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/retail-peers}
gcs_version=v1.55.1
mkdir -p "$cache"

missing() {
  echo "$1" >&2
  echo "  $2" >&2
  echo "  RETAIL_PEERS=skip leaves these tests out of a quick run on your machine" >&2
  exit 3
}

# One installer at a time: the others find what it made.
exec 9>"$cache/.lock"
flock 9

sdk=$(gcloud info --format='value(installation.sdk_root)' 2>/dev/null) ||
  missing 'the Google Cloud SDK is not installed, and with it the Pub/Sub emulator' 'install it, then: gcloud components install pubsub-emulator'
jar=$(ls "$sdk"/platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar 2>/dev/null | tail -1) ||
  missing "the Pub/Sub emulator is not part of the Google Cloud SDK in $sdk" 'gcloud components install pubsub-emulator (or: apt install google-cloud-cli-pubsub-emulator)'
command -v java >/dev/null || missing 'java is not installed; the Pub/Sub emulator needs version 11 or later' 'apt install default-jre-headless'

gcs=$cache/fake-gcs-server-$gcs_version
if [ ! -x "$gcs" ]; then
  command -v go >/dev/null || missing 'go is not installed; fake-gcs-server is built with it' 'install Go 1.24 or later'
  echo "building fake-gcs-server $gcs_version (two minutes, once)" >&2
  work=$(mktemp -d "$cache/.making.XXXXXX")
  # Without inlining, the build takes a fifth less processor time.
  GOBIN=$work GOFLAGS=-modcacherw nice go install -p 2 -gcflags=all=-l "github.com/fsouza/fake-gcs-server@$gcs_version" >&2
  mv "$work/fake-gcs-server" "$gcs"
  rmdir "$work"
fi

lock=$here/../../templates/docker/docker/bigquery/requirements.lock
python=${RETAIL_PYTHON:-python3}
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null ||
  missing 'bqemulator needs Python 3.11 to 3.13' 'install one, or set RETAIL_PYTHON to one'
venv=$cache/bqemulator-$({ cat "$lock"; "$python" -c 'import sys; print(sys.version, sys.base_prefix)'; } | cksum | cut -d' ' -f1)
if [ ! -f "$venv/.complete" ]; then
  echo 'installing bqemulator (a minute, once; 500 MB)' >&2
  rm -rf "$venv"
  work=$(mktemp -d "$cache/.making.XXXXXX")
  "$python" -m venv "$work"
  pip=("$work/bin/python" -m pip install -q --disable-pip-version-check --require-hashes --no-deps)
  # uv takes a tenth of the processor time that pip takes for the packages of the emulator.
  "${pip[@]}" -r "$here/../uv.lock" >&2
  "$work/bin/uv" pip install -q --python "$work/bin/python" --require-hashes --no-deps -r "$lock" >&2
  touch "$work/.complete"
  mv "$work" "$venv"
fi

echo "PUBSUB_JAR=$jar"
echo "GCS_BIN=$gcs"
echo "BQ_PYTHON=$venv/bin/python"
