#!/usr/bin/env bash
# A local Airflow for this workspace, on this machine only. All of its files are in .retail/airflow; remove that folder to start over.
#   AIRFLOW_PORT=8080   AIRFLOW_PYTHON=a Python that has Airflow   RETAIL_BIN=how to start retail
# If airflow/.venv exists (created by `uv sync` or pipenv), the script uses it.
# With arguments, it runs that airflow command instead: airflow/start.sh dags list
# `airflow/start.sh connection` tells Airflow where retail.yaml is, and the project and the key of target gcp.
set -euo pipefail

folder=$(cd "$(dirname "$0")" && pwd)
RETAIL_WORKSPACE=$(dirname "$folder")
home=$RETAIL_WORKSPACE/.retail/airflow
# .env has settings of this machine; the environment wins. `retail` reads its own settings there itself.
while IFS='=' read -r name value; do
  [ -n "${!name:-}" ] || export "$name=$(sed -E "s/^(['\"])(.*)\1$/\2/" <<<"$value")"
done < <(grep -E '^(AIRFLOW_[A-Z0-9_]+|RETAIL_BIN|RETAIL_START|RETAIL_BUILD_SCHEDULE|RETAIL_MODELS_AS_TASKS|GOOGLE_APPLICATION_CREDENTIALS)=.' "$RETAIL_WORKSPACE/.env" 2>/dev/null || true)
port=${AIRFLOW_PORT:-8080}
retail=${RETAIL_BIN:-retail}
mkdir -p "$home/bin"

fail() { printf 'error: %s\n  %s\n' "$1" "$2" >&2; exit 3; }
command -v "${retail%% *}" >/dev/null || fail "${retail%% *} is not installed" "npm install --global $RETAIL_WORKSPACE/@RETAIL_PACKAGE@, or set RETAIL_BIN"

if [ -z "${AIRFLOW_PYTHON:-}" ] && [ -x "$folder/.venv/bin/python" ]; then AIRFLOW_PYTHON=$folder/.venv/bin/python; fi
# Created once per lock file: an incomplete venv has no marker and is created again.
if [ -z "${AIRFLOW_PYTHON:-}" ]; then
  mark=$home/venv/$(cksum <"$folder/requirements.lock" | cut -d' ' -f1).whole
  AIRFLOW_PYTHON=$home/venv/bin/python
  if [ ! -e "$mark" ]; then
    echo 'Installing Airflow into .retail/airflow/venv …' >&2
    rm -rf "$home/venv"
    if command -v uv >/dev/null; then
      uv venv --quiet "$home/venv"
      uv pip install --quiet --python "$AIRFLOW_PYTHON" --require-hashes --no-deps --compile-bytecode -r "$folder/requirements.lock"
    else
      command -v python3 >/dev/null || fail 'python3 is not installed' 'apt install python3 python3-venv, or set AIRFLOW_PYTHON'
      python3 -m venv "$home/venv"
      "$AIRFLOW_PYTHON" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$folder/requirements.lock"
    fi
    touch "$mark"
  fi
fi

# standalone starts its parts as `airflow`, from the PATH.
printf '#!/bin/sh\nexec "%s" -m airflow "$@"\n' "$AIRFLOW_PYTHON" >"$home/bin/airflow"
chmod +x "$home/bin/airflow"

export RETAIL_WORKSPACE PATH="$home/bin:$PATH" AIRFLOW_HOME="$home"
export AIRFLOW__CORE__DAGS_FOLDER="$folder/dags"
# The triggerer imports the hooks in retail_settings.py from there.
export PYTHONPATH="$folder/dags${PYTHONPATH:+:$PYTHONPATH}"
export AIRFLOW__CORE__LOAD_EXAMPLES=False
export PYTHONWARNINGS="ignore:Could not import graphviz:UserWarning${PYTHONWARNINGS:+,$PYTHONWARNINGS}"
export AIRFLOW__CORE__PARALLELISM="${AIRFLOW__CORE__PARALLELISM:-2}"
export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS=admin:admin
export AIRFLOW__API__HOST=127.0.0.1
export AIRFLOW__API__PORT="$port"
export AIRFLOW__API__BASE_URL="http://127.0.0.1:$port"
export AIRFLOW__CORE__EXECUTION_API_SERVER_URL="http://127.0.0.1:$port/execution/"
export AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False

# The two calls take several seconds each, so they are made once for each version of Airflow and of pools.json; for a database
# elsewhere, every time.
version=$("$AIRFLOW_PYTHON" -c 'import importlib.metadata as m; print(m.version("apache-airflow"))' 2>/dev/null) || version=
prepared=$home/prepared-$version-$(cksum <"$folder/pools.json" | cut -d' ' -f1)
if [ -z "$version" ] || [ ! -e "$prepared" ] || [ ! -s "$home/airflow.db" ] || [ -n "${AIRFLOW__DATABASE__SQL_ALCHEMY_CONN:-}" ]; then
  airflow db migrate >"$home/migrate.log" 2>&1 || { cat "$home/migrate.log" >&2; exit 1; }
  airflow pools import "$folder/pools.json" >"$home/pools.log" 2>&1 || { cat "$home/pools.log" >&2; exit 1; }
  touch "$prepared"
fi
# These read Airflow's database; without a server, nothing else parses the DAG folder.
if [[ "${1:-} ${2:-}" =~ ^dags\ (list|list-runs|unpause)$ ]]; then airflow dags reserialize >"$home/dags.log" 2>&1 || { cat "$home/dags.log" >&2; exit 1; }; fi
if [ "${1:-}" = connection ]; then
  (umask 077 && "$AIRFLOW_PYTHON" "$folder/connections.py" >"$home/connections.json")
  exec airflow connections import --overwrite "$home/connections.json"
fi
if [ $# -gt 0 ]; then exec airflow "$@"; fi

# Its own process group, so that Ctrl-C stops all of Airflow and nothing else.
passwords=$home/simple_auth_manager_passwords.json.generated
set -m
airflow standalone >"$home/standalone.log" 2>&1 &
airflow=$!
set +m
# Its processes stop one after the other; any that remain after 20 s are killed.
end() {
  for signal in TERM KILL; do
    kill "-$signal" -- "-$airflow" 2>/dev/null || return 0
    for _ in $(seq 200); do kill -0 -- "-$airflow" 2>/dev/null || return 0; sleep 0.1; done
  done
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

healthy() { "$AIRFLOW_PYTHON" -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/api/v2/monitor/health', timeout=2)" 2>/dev/null; }
for _ in $(seq 240); do
  if healthy && [ -s "$passwords" ]; then break; fi
  kill -0 "$airflow" 2>/dev/null || { tail -n 30 "$home/standalone.log" >&2; exit 1; }
  sleep 0.5
done
healthy || { tail -n 30 "$home/standalone.log" >&2; exit 1; }
password=$(sed -E 's/.*"admin": *"([^"]*)".*/\1/' "$passwords")
printf 'Airflow  http://127.0.0.1:%s\nLogin    admin  %s\nLog      %s\nPress Ctrl-C to stop.\n' "$port" "$password" "$home/standalone.log"
wait "$airflow"
