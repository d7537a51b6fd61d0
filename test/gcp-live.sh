#!/usr/bin/env bash
# The journey of docs/gcp.md against a real project: from nothing to verified marts and back to nothing. For whoever has one;
# no test run calls it. It costs a few cents and takes about half an hour.
#
#   test/gcp-live.sh --confirm my-project
#
# Names carry the time, so that nothing of yours is touched; everything is destroyed at the end, also after a failure.
# Spending guards: the smallest world, 2 GiB a query, a stream that ends after 5 minutes, an hour for all of it but destroying.
# With --as-accounts each command acts as the service account that docs/gcp.md names for it. With --jobs the commands run there, too:
# an image is built (some minutes of Cloud Build), and the jobs of backfill, load, transform, and verify are started once.
set -euo pipefail

project=
location=US
region=us-central1
accounts=
jobs=
while [ $# -gt 0 ]; do
  case $1 in
    --confirm) project=${2:-}; shift 2 ;;
    --location) location=$2; shift 2 ;;
    --region) region=$2; shift 2 ;;
    --as-accounts) accounts=yes; shift ;;
    --jobs) jobs=yes; shift ;;
    *) echo "unknown: $1" >&2; exit 2 ;;
  esac
done
if [ -z "$project" ]; then
  echo "This makes things in a real project, which costs money: $0 --confirm PROJECT_ID [--location US] [--region us-central1] [--as-accounts] [--jobs]" >&2
  exit 2
fi
for name in STORAGE_EMULATOR_HOST PUBSUB_EMULATOR_HOST RETAIL_BIGQUERY_ENDPOINT; do
  if [ -n "${!name:-}" ]; then
    echo "$name is set: this would not be a real project" >&2
    exit 2
  fi
done

root=$(cd "$(dirname "$0")/.." && pwd)
npm --prefix "$root" run --silent build
work=$(mktemp -d)
suffix=$(date -u +%m%d%H%M%S)
cd "$work"
export RETAIL_NO_INPUT=1 RETAIL_PREFIX="live$suffix"
retail() {
  echo "+ retail $*" >&2
  left=$((3600 - SECONDS))
  [ "$left" -gt 0 ] || { echo "an hour is over" >&2; return 1; }
  timeout "$left" node "$root/bin/retail.js" "$@"
}
# as ACCOUNT COMMAND…
as() {
  role=$1
  shift
  if [ -n "$accounts" ]; then
    RETAIL_IMPERSONATE="live$suffix-$role@$project.iam.gserviceaccount.com" retail "$@"
  else
    retail "$@"
  fi
}

finish() {
  code=$?
  trap - EXIT
  if [ -d .retail/terraform ]; then
    SECONDS=0
    retail infra destroy --confirm "$project" || { echo "LEFT BEHIND in $project: what begins with live$suffix; state in $work" >&2; exit 1; }
    gcloud storage rm --recursive "gs://$project-live$suffix-tfstate" --quiet
  fi
  rm -rf "$work"
  [ "$code" = 0 ] && echo "All of it held on $project." || echo "FAILED with exit code $code (what was made is gone again)." >&2
  exit "$code"
}
trap finish EXIT

retail init --target gcp --project "$project" --location "$location" --region "$region" \
  --bucket "$project-live$suffix" --dataset "live$suffix" --size tiny --from 2024-01-01 --to 2024-01-31 \
  --max-bytes-billed 2GiB --stream-stop-after 5m --yes

if [ -n "$accounts" ]; then
  echo "impersonators = [\"user:$(gcloud config get-value account)\"]" > infra.tfvars
fi

set +e
retail infra plan --detailed-exitcode
planned=$?
set -e
[ "$planned" = 2 ] || { echo "plan: expected changes, exit code 2; got $planned" >&2; exit 1; }
retail infra apply --yes
# Nothing differs from what was just made: labels, location, versions, grants are told back as they were given.
retail infra plan --detailed-exitcode
# Grants take minutes to be seen everywhere.
[ -z "$accounts" ] || sleep 180

# must WHAT COMMAND…: what has to be true of the project
must() {
  what=$1
  shift
  "$@" || { echo "not so: $what" >&2; exit 1; }
}
count() {
  bq --project_id "$project" --location "$location" --quiet query --nouse_legacy_sql --format=csv "$1" | tail -1
}

as backfill seed-dims
# A load that replaces the rows keeps schema and descriptions (WRITE_TRUNCATE_DATA).
must "nothing to change after seed-dims" retail infra plan --detailed-exitcode
must "products and stores have descriptions" test "$(bq --project_id "$project" show --schema "live${suffix}_raw.product" | grep -o description | wc -l)" -gt 0
# An id of a job is used once (409).
once="live${suffix}_once"
bq --project_id "$project" --location "$location" --quiet query --nouse_legacy_sql --job_id "$once" 'select 1' > /dev/null
must "a second job with the same id is refused" test "$(bq --project_id "$project" --location "$location" --quiet query --nouse_legacy_sql --job_id "$once" 'select 1' 2>&1 | grep -ci 'already exists')" -gt 0
# Facts require a filter of their partitions.
must "a query of a fact without a time is refused" test "$(bq --project_id "$project" --location "$location" --quiet query --nouse_legacy_sql "select count(*) from live${suffix}_raw.transactions" 2>&1 | grep -c 'without a filter')" -gt 0
# Two shards at the same time, and a third run of everything: each month is loaded once.
as backfill backfill --shard 1/2 &
first=$!
as backfill backfill --shard 2/2
wait "$first"
as backfill backfill

# BigQuery reads the Delta tables of the lake in place. The account of the connection is new, so its grant may take a while.
echo 'delta = {}' >> infra.tfvars
for _ in 1 2 3 4 5; do
  retail infra apply --yes && break
  sleep 60
done
must "nothing to change after the tables of the lake" retail infra plan --detailed-exitcode
must "the lake has the rows of raw" test "$(count "select count(*) from live${suffix}_lake.transactions where month >= '2000-01'")" = \
  "$(count "select count(*) from live${suffix}_raw.transactions where timestamp >= '2000-01-01'")"

as load load --idle 60s &
loader=$!
as stream stream --speed 600 --duration 60s
wait "$loader"

as transform transform
as verify verify
as verify status --check
must "status names BigQuery and no file" sh -c "node '$root/bin/retail.js' status | grep -q 'BigQuery $project'"
as dashboard dashboard --export marts.html
bq --project_id "$project" show --format=json "live${suffix}_marts.mv_retail_transactions" | grep -q '"type": *"VIEW"' ||
  { echo "mv_retail_transactions is no view" >&2; exit 1; }

# The second transform merges what came since, and the third has nothing to do.
as load load --idle 60s &
loader=$!
as stream stream --speed 600 --duration 30s
wait "$loader"
as transform transform
as verify verify
as transform transform
as verify verify --quick

# Rows that BigQuery rejects go to the dead letters, and good ones of the same batch arrive (row errors of the Storage Write API).
gcloud pubsub topics publish "live$suffix-transactions" --project "$project" --message '{"transaction_id":"TEST-1"}' \
  --attribute "world=$(retail status --json 2> /dev/null | sed -n 's/.*"world":"\([^"]*\)".*/\1/p'),table=transactions,id=TEST-1"
as load load --idle 30s
must "the message is a dead letter" test "$(count "select count(*) from live${suffix}_raw.dead_letter")" -gt 0

# A BigQuery subscription: its service agent's grants are new, and the apply waits for them.
export RETAIL_INGEST=subscription
retail infra apply --confirm "$project"
must "nothing to change after the change of ingest" retail infra plan --detailed-exitcode
as stream stream --speed 600 --duration 30s
for _ in 1 2 3 4 5 6 7 8 9 10; do
  as transform transform && as verify verify --quick && break
  sleep 30
done
as verify verify
unset RETAIL_INGEST

if [ -n "$jobs" ]; then
  echo 'job = {}' >> infra.tfvars
  retail infra apply --confirm "$project"
  retail infra image
  retail infra apply --yes
  must "nothing to change after the jobs were made" retail infra plan --detailed-exitcode
  as backfill backfill --remote --tasks 2
  for command in load transform verify; do
    gcloud run jobs execute "live$suffix-$command" --project "$project" --region "$region" --wait
  done
  as verify verify
fi
