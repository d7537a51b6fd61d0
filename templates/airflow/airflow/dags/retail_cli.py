"""Shared by all retail DAGs: an operator that calls the `retail` command line, and a function that creates a DAG.

`retail` does all of the work; it is safe to run twice and to kill at any time. Airflow only schedules it.

Environment:
  RETAIL_WORKSPACE  the folder with retail.yaml (default: the parent of airflow/)
  RETAIL_BIN        the command that starts retail (default: retail)
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from airflow.exceptions import AirflowException, AirflowFailException

try:  # Airflow 3
    from airflow.sdk import DAG, BaseOperator, Param
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.models.baseoperator import BaseOperator
    from airflow.models.param import Param

WORKSPACE = Path(os.environ.get("RETAIL_WORKSPACE") or Path(__file__).resolve().parents[2])
RETAIL = shlex.split(os.environ.get("RETAIL_BIN") or "retail")

# Pools with one slot each (`airflow pools import pools.json`): one writer of the lake, one dbt.
WRITER = "retail_writer"
DBT = "retail_dbt"

# A retry can help if something was busy or stopped halfway. It cannot fix wrong flags, a missing program, a missing
# permission, or wrong data: exit codes 2, 3, 4, and 6 of `retail help exit-codes`.
HOPELESS = {2, 3, 4, 6}

DEFAULTS = {
    "owner": "retail",
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(hours=6),
}

PARAMS = {
    "target": Param(
        None,
        type=["null", "string"],
        enum=[None, "local", "gcp"],
        description="where data goes; empty: the value in retail.yaml",
    ),
    "from": Param(
        None, type=["null", "string"], format="date", description="first day; empty: the value in retail.yaml"
    ),
    "to": Param(
        None, type=["null", "string"], format="date", description="last day of history; empty: the value in retail.yaml"
    ),
    "hours": Param(
        1, type="integer", minimum=0, maximum=8784, description="how many hours of the timeline to stream"
    ),
    "until": Param(
        None,
        type=["null", "string"],
        description="or the end of the stream, such as 2024-04-01T12:00:00Z: a repeated run then adds nothing",
    ),
}


class RetailOperator(BaseOperator):
    """Runs one `retail` command. Its stderr goes to the task's log; its `--json` result is pushed as XCom.

    `arguments` are templated; an empty one is dropped together with the flag before it, such as ["--to", ""].
    `only` names the target that needs the command; on other targets, the task logs that and succeeds.
    """

    template_fields = ("arguments", "target")
    ui_color = "#e8f0e4"

    def __init__(self, *, arguments: list[str], only: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.arguments = arguments
        self.only = only
        self.target = "{{ params.target or '' }}"
        self._process: subprocess.Popen[str] | None = None

    def execute(self, context: Any) -> dict[str, Any] | None:
        target = str(self.target or "")
        arguments = list(without_empty([str(word) for word in self.arguments]))
        if self.only:
            actual = target or setting(self.call(["status", "--config"], ""), "target")
            if actual != self.only:
                self.log.info("target %s needs no `retail %s`", actual, " ".join(arguments))
                return None
        return self.run(arguments, target)

    def run(self, arguments: list[str], target: str) -> dict[str, Any]:
        return self.call(arguments, target)

    def call(self, arguments: list[str], target: str) -> dict[str, Any]:
        command = [*RETAIL, *arguments, "--workspace", str(WORKSPACE), "--json", "--no-input"]
        self.log.info("$ %s", shlex.join(command))
        env = {**os.environ, **({"RETAIL_TARGET": target} if target else {})}
        try:
            self._process = subprocess.Popen(
                command, env=env, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        except FileNotFoundError as error:
            raise AirflowFailException(
                f"{RETAIL[0]} is not installed: npm install --global {WORKSPACE}/@RETAIL_PACKAGE@, or set RETAIL_BIN (exit 3)"
            ) from error
        process = self._process
        teller = threading.Thread(target=self._tell, args=(process.stderr,))
        teller.start()
        # Long commands print one JSON object per line, the result last; short commands print a single document.
        document, last = [], ""
        for line in process.stdout:
            last = line
            if line.startswith('{"type":"progress"'):
                self.log.info(line.rstrip())
            else:
                document.append(line)
        teller.join()
        return self._judge(arguments, process.wait(), parse(last) or parse("".join(document)))

    def _tell(self, lines: Any) -> None:
        for line in lines:
            self.log.info(line.rstrip())

    def _judge(self, arguments: list[str], code: int, result: dict[str, Any] | None) -> dict[str, Any]:
        if code == 0 and result is not None:
            return result
        error = (result or {}).get("error") or {}
        said = ". ".join(str(error[key]) for key in ("message", "why", "hint") if error.get(key))
        message = f"retail {' '.join(arguments)} ended with {code}. {said}".strip()
        if code in HOPELESS and error.get("code") != "busy":
            raise AirflowFailException(message)
        raise AirflowException(message)

    def on_kill(self) -> None:
        """Asks the command to stop: it finishes the current batch, and the next run resumes there."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)


class PlanStreamOperator(RetailOperator):
    """Pushes the end of this run as XCom: retries and repeats of the stream end there, so they add nothing twice."""

    template_fields = ("target", "until", "hours")

    def __init__(self, **options: Any) -> None:
        super().__init__(arguments=["status"], **options)
        self.until = "{{ params.until or '' }}"
        self.hours = "{{ params.hours }}"

    def execute(self, context: Any) -> str:
        if self.until:
            return str(self.until)
        live = self.call(self.arguments, str(self.target or ""))["raw"]["live"]
        # A position may lie within a second.
        then = datetime.strptime(live.split(".")[0].rstrip("Z") + "Z", "%Y-%m-%dT%H:%M:%S%z") + timedelta(hours=int(self.hours))
        return then.strftime("%Y-%m-%dT%H:%M:%SZ")


class UploadConfigOperator(RetailOperator):
    """Copies the current retail.yaml to `config/` in the bucket, always under the same name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(arguments=["status", "--config"], only="gcp", **options)

    def run(self, arguments: list[str], target: str) -> dict[str, Any]:
        bucket = setting(self.call(arguments, target), "gcp.bucket")
        there = f"gs://{bucket}/config/retail.yaml"
        try:
            done = subprocess.run(
                ["gcloud", "storage", "cp", str(WORKSPACE / "retail.yaml"), there],
                stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
            )
        except FileNotFoundError as error:
            raise AirflowFailException(
                "gcloud is not installed: https://cloud.google.com/sdk/docs/install (exit 3)"
            ) from error
        self.log.info(done.stdout)
        if done.returncode != 0:
            raise AirflowException(f"gcloud storage cp ended with {done.returncode}")
        return {"uploaded": there}


def without_empty(words: list[str]) -> Iterator[str]:
    words = [*words, "--"]
    for word, following in zip(words, words[1:]):
        if word and not (word.startswith("--") and following == ""):
            yield word


def parse(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def setting(config: dict[str, Any], name: str) -> Any:
    """A value of `retail status --config`."""
    for row in config["settings"]:
        if row["key"] == name:
            return row["value"]
    raise AirflowFailException(f"retail.yaml has no {name}")


def job(dag_id: str, *, schedule: str | None, build: Callable[[], Any], about: str) -> DAG:
    """Creates a DAG. Runs do not overlap, and there is no catchup for missed days: the timeline has its own position."""
    with DAG(
        dag_id=dag_id,
        description=about.strip().splitlines()[0],
        doc_md=about,
        schedule=schedule,
        start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULTS,
        params=PARAMS,
        tags=["retail"],
    ) as dag:
        build()
    return dag
