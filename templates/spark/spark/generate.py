"""Distributes a backfill over Spark: each task generates one shard with the `retail` command line, in its own process.

Shards need no coordination: the bytes of a part depend only on the world. A task that is lost, repeated, or started twice produces the
same files. Set the master yourself: `spark-submit --master 'local[4]'`, or Dataproc with target gcp, where every executor
has `retail` on its PATH (the image) and its own copy of the workspace.

Environment: RETAIL_BIN, the command that starts retail (default: retail).
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from typing import Any

from pyspark.sql import SparkSession

BUSY_SECONDS = 60  # the process of a lost task ends with its parent; until then its shard is held


def main() -> int:
    flags = parse_flags()
    bin = shlex.split(os.environ.get("RETAIL_BIN") or "retail")
    plan = call(bin, ["backfill", "--dry-run", *period(flags)], flags.workspace)
    expected = {"world": plan["world"], "version": version(bin)}
    spark = SparkSession.builder.appName("retail-generate").getOrCreate()
    shards = spark.sparkContext.parallelize(range(flags.shards), flags.shards)

    def make(shard: int) -> dict[str, Any]:
        return make_shard(bin, flags, shard, expected)

    made = shards.map(make).collect()
    spark.stop()
    # All shards exist: this run only checks and publishes.
    whole = call(bin, ["backfill", *period(flags)], flags.workspace)
    result = {
        **expected,
        "shards": flags.shards,
        "parts": {how: sum(each["parts"][how] for each in made) for how in ("made", "longer", "kept", "remade")},
        "rows": whole["total"]["rows"],
        "complete": whole["complete"] and whole["parts"]["made"] + whole["parts"]["longer"] == 0,
    }
    print(json.dumps(result))
    return 0 if result["complete"] else 5


def make_shard(bin: list[str], flags: argparse.Namespace, shard: int, expected: dict[str, str]) -> dict[str, Any]:
    found = version(bin)
    if found != expected["version"]:
        raise RuntimeError(f"this executor has retail {found}, the driver {expected['version']}: install the same version everywhere")
    arguments = ["backfill", "--workers", "1", *period(flags)]
    if flags.shards > 1:
        arguments += ["--shard", f"{shard + 1}/{flags.shards}"]
    # Check the world before writing anything.
    plan = call(bin, [*arguments, "--dry-run"], flags.workspace)
    if plan["world"] != expected["world"]:
        raise RuntimeError(f"this executor's retail.yaml defines world {plan['world']}, the driver's {expected['world']}")
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return call(bin, arguments, flags.workspace)
        except Busy:
            if time.monotonic() > give_up:
                raise
            time.sleep(1)


class Busy(RuntimeError):
    """Another process is generating this shard."""


def call(bin: list[str], arguments: list[str], workspace: str) -> dict[str, Any]:
    """Returns the result of a command. Its stderr goes to the log of the task."""
    command = [*bin, *arguments, "--workspace", workspace, "--json", "--no-input"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
    except FileNotFoundError:
        sys.exit(missing(bin))
    result = json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip().startswith('{"') else None
    if done.returncode in (0, 5) and result and "error" not in result:
        return result
    error = (result or {}).get("error", {})
    said = ". ".join(str(error[key]) for key in ("message", "why", "hint") if error.get(key))
    kind = Busy if error.get("code") == "busy" else RuntimeError
    raise kind(f"{shlex.join(command)} ended with {done.returncode}. {said}")


def version(bin: list[str]) -> str:
    try:
        return subprocess.run([*bin, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[-1]
    except FileNotFoundError:
        sys.exit(missing(bin))


def missing(bin: list[str]) -> int:
    print(f"error: {bin[0]} is not installed\n  npm install --global ./@RETAIL_PACKAGE@ (in the workspace), or set RETAIL_BIN", file=sys.stderr)
    return 3


def die_with_parent() -> None:
    """If a worker is killed, its retail process ends, too (on Linux; elsewhere the shard stays busy until that process ends)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def period(flags: argparse.Namespace) -> list[str]:
    return [word for name in ("from", "to") if (day := getattr(flags, name)) for word in (f"--{name}", day)]


def parse_flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", default=".", help="folder with retail.yaml, on every executor")
    parser.add_argument("--shards", type=int, default=8, help="number of tasks; tasks beyond the number of blocks are idle")
    parser.add_argument("--from", help="first day (default: the value in retail.yaml)")
    parser.add_argument("--to", help="last day (default: the value in retail.yaml)")
    flags = parser.parse_args()
    if not 1 <= flags.shards <= 9999:
        parser.error("--shards: expected 1 to 9999")
    flags.workspace = os.path.abspath(flags.workspace)
    return flags


if __name__ == "__main__":
    sys.exit(main())
