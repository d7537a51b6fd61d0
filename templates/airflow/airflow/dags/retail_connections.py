"""Where `retail` runs, and as whom on Google Cloud: two connections of Airflow, each optional.

  retail_workspace  type fs; extra: path (the folder with retail.yaml), command (what starts retail)
  retail_gcp        type google_cloud_platform; extra: project, key_path or keyfile_dict, impersonation_chain

Without them, RETAIL_WORKSPACE and RETAIL_BIN or the parent of airflow/ and `retail`; retail.yaml and Google's default credentials.
"""

from __future__ import annotations

import json
import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow.exceptions import AirflowFailException, AirflowNotFoundException

try:  # Airflow 3
    from airflow.sdk import BaseHook
except ImportError:  # Airflow 2
    from airflow.hooks.base import BaseHook

WORKSPACE = "retail_workspace"
GCP = "retail_gcp"

# Fields that Airflow's form fills, and that have no meaning for retail.
IGNORED = {"scope", "num_retries", "universe_domain"}


@dataclass(frozen=True)
class Place:
    """The folder with retail.yaml, the command that starts retail, and the environment of its processes."""

    workspace: Path
    command: list[str]
    env: dict[str, str]


@contextmanager
def open_place() -> Iterator[Place]:
    """Reads the connections. A key in one of them is a file only while the place is open."""
    here = extra_of(WORKSPACE)
    workspace = Path(here.get("path") or os.environ.get("RETAIL_WORKSPACE") or Path(__file__).resolve().parents[2])
    if here.get("path") and not (workspace / "retail.yaml").is_file():
        raise AirflowFailException(
            f"the connection {WORKSPACE} names {workspace}, which has no retail.yaml on this machine: correct its extra.path, "
            f"or delete it with `airflow connections delete {WORKSPACE}` (exit 3)"
        )
    command = shlex.split(here.get("command") or os.environ.get("RETAIL_BIN") or "retail")
    with identity() as env:
        yield Place(workspace, command, {**os.environ, **env})


@contextmanager
def identity() -> Iterator[dict[str, str]]:
    """The environment that makes retail, Terraform, and gcloud act as the connection `retail_gcp` says."""
    extra = {name: value for name, value in extra_of(GCP).items() if value not in ("", None) and name not in IGNORED}
    project, account = extra.pop("project", None), extra.pop("impersonation_chain", None)
    path, key = extra.pop("key_path", None), extra.pop("keyfile_dict", None)
    if extra:
        raise AirflowFailException(
            f"the connection {GCP} has {', '.join(sorted(extra))}, which retail cannot use: give it project, key_path or keyfile_dict, "
            "impersonation_chain, or nothing for Google's default credentials (exit 2)"
        )
    env = {}
    if isinstance(account, list) and len(account) == 1:
        account = account[0]
    if isinstance(account, list) or "," in (account or ""):
        raise AirflowFailException(f"the connection {GCP} has a chain of accounts; retail impersonates one service account (exit 2)")
    if project:
        env.update(RETAIL_PROJECT=project, CLOUDSDK_CORE_PROJECT=project)
    if account:
        env.update(RETAIL_IMPERSONATE=account, CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT=account)
    with key_file(path, key) as file:
        if file:
            env.update(RETAIL_CREDENTIALS=file, CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE=file)
        yield env


@contextmanager
def key_file(path: str | None, key: dict[str, Any] | str | None) -> Iterator[str | None]:
    """A key that the connection holds itself is written to a file that only this user can read."""
    if path or not key:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="retail-key-") as folder:
        file = Path(folder) / "key.json"
        file.touch(mode=0o600)
        file.write_text(key if isinstance(key, str) else json.dumps(key))
        yield str(file)


def extra_of(name: str) -> dict[str, Any]:
    """The extra fields of a connection, without the prefix that old versions of Airflow give them; empty if there is none."""
    try:
        extra = BaseHook.get_connection(name).extra_dejson
    except AirflowNotFoundException:
        return {}
    return {field.removeprefix("extra__google_cloud_platform__"): value for field, value in extra.items()}
