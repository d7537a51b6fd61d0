"""Spreads a backfill over Spark: each task makes one shard with the `retail` command line, in a process of its own.

Shards need no coordination: the bytes of a part depend on the world alone, not on who makes it. A task that is lost, repeated or started twice ends in the
same files. Nothing about the master is set here: `spark-submit --master 'local[4]'`, or Dataproc with target gcp, where every executor
has `retail` on its PATH (the image) and its own copy of the workspace.

Environment: RETAIL_BIN, how to start retail (default: retail).
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
    # All shards are there: this only looks, and publishes.
    whole = call(bin, ["backfill", *period(flags)], flags.workspace)
    result = {
        **expected,
        "shards": flags.shards,
        "parts": {how: sum(each["parts"][how] for each in made) for how in ("made", "kept", "remade")},
        "rows": whole["total"]["rows"],
        "complete": whole["complete"] and whole["parts"]["made"] == 0,
    }
    print(json.dumps(result))
    return 0 if result["complete"] else 5


def make_shard(bin: list[str], flags: argparse.Namespace, shard: int, expected: dict[str, str]) -> dict[str, Any]:
    found = version(bin)
    if found != expected["version"]:
        raise RuntimeError(f"this executor has retail {found}, the driver {expected['version']}: install one version")
    arguments = ["backfill", "--workers", "1", *period(flags)]
    if flags.shards > 1:
        arguments += ["--shard", f"{shard + 1}/{flags.shards}"]
    # The world is looked at before a byte is written.
    plan = call(bin, [*arguments, "--dry-run"], flags.workspace)
    if plan["world"] != expected["world"]:
        raise RuntimeError(f"this executor's retail.yaml is of world {plan['world']}, the driver's of {expected['world']}")
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return call(bin, arguments, flags.workspace)
        except Busy:
            if time.monotonic() > give_up:
                raise
            time.sleep(1)


class Busy(RuntimeError):
    """Another process makes this shard."""


def call(bin: list[str], arguments: list[str], workspace: str) -> dict[str, Any]:
    """The result of a command. Its story goes to the log of the task."""
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
    print(f"error: {bin[0]} is not installed\n  npm install --global retail-cli, or set RETAIL_BIN", file=sys.stderr)
    return 3


def die_with_parent() -> None:
    """A worker that is killed takes its retail with it (Linux; elsewhere the shard is busy until that one is done)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def period(flags: argparse.Namespace) -> list[str]:
    return [word for name in ("from", "to") if (day := getattr(flags, name)) for word in (f"--{name}", day)]


def parse_flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", default=".", help="folder of retail.yaml, on every executor")
    parser.add_argument("--shards", type=int, default=8, help="tasks; more than the world has blocks are idle")
    parser.add_argument("--from", help="first day (default: as retail.yaml says)")
    parser.add_argument("--to", help="last day (default: as retail.yaml says)")
    flags = parser.parse_args()
    if not 1 <= flags.shards <= 9999:
        parser.error("--shards: from 1 to 9999")
    flags.workspace = os.path.abspath(flags.workspace)
    return flags


if __name__ == "__main__":
    sys.exit(main())
