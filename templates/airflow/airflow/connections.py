"""Prints the connections of this workspace for `airflow connections import`: `retail_workspace`, and on target gcp `retail_gcp`.

The project and the key are those of `retail status --config`, so of retail.yaml, .env, and the environment.
"""

import json
import os
import shlex
import subprocess
import sys

workspace = os.environ["RETAIL_WORKSPACE"]
retail = os.environ.get("RETAIL_BIN") or "retail"

command = [*shlex.split(retail), "status", "--config", "--workspace", workspace, "--json", "--no-input"]
asked = subprocess.run(command, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
if asked.returncode != 0:
    sys.exit(asked.returncode)
settings = {row["key"]: row.get("value") for row in json.loads(asked.stdout)["settings"]}

connections = {"retail_workspace": {"conn_type": "fs", "extra_dejson": {"path": workspace, "command": retail}}}
if settings.get("gcp.project"):
    gcp = {
        "project": settings["gcp.project"],
        "key_path": settings.get("gcp.credentials") or os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"),
        "impersonation_chain": settings.get("gcp.impersonate"),
    }
    extra = {name: value for name, value in gcp.items() if value}
    connections["retail_gcp"] = {"conn_type": "google_cloud_platform", "extra_dejson": extra}
print(json.dumps(connections))
