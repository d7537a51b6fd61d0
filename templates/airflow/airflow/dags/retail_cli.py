"""Shared by all retail DAGs: an operator that calls the `retail` command line, and a function that creates a DAG.

`retail` does all of the work; it is safe to run twice and to kill at any time. Airflow only schedules it.

Environment:
  RETAIL_WORKSPACE  the folder with retail.yaml (default: the parent of airflow/)
  RETAIL_BIN        the command that starts retail (default: retail)
  RETAIL_START      the day that follows history: see retail_start.py
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
from airflow.timetables.interval import CronDataIntervalTimetable
from retail_start import START

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
        None,
        type=["null", "integer"],
        minimum=0,
        maximum=8784,
        description="the end of the stream, in hours after history; empty: the interval of the run decides",
    ),
    "until": Param(
        None, type=["null", "string"], description="or as an instant, such as 2024-04-01T12:00:00Z"
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


class StreamOperator(RetailOperator):
    """Streams every event before the end of this run, which depends only on the run, its params, and retail.yaml.

    So a run that is repeated, cleared, or executed before earlier ones ends at the same instant, and adds no event twice.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(arguments=["stream", "--speed", "max", "--until"], **options)

    def execute(self, context: Any) -> dict[str, Any]:
        target = str(self.target or "")
        end = context["params"].get("until") or self.end_of(context, target)
        self.log.info("this run streams every event before %s", end)
        result = self.run([*self.arguments, end], target)
        if result.get("stoppedBy") == "already-past":
            self.log.info("nothing to stream: the timeline is already at %s", result["to"])
        return result

    def end_of(self, context: Any, target: str) -> str:
        params = context["params"]
        last_day = params.get("to") or setting(self.call(["status", "--config"], target), "history.to")
        history = datetime.fromisoformat(last_day).replace(tzinfo=timezone.utc) + timedelta(days=1)
        hours = params.get("hours")
        after = end_of_interval(context["dag_run"]) - START if hours is None else timedelta(hours=hours)
        if hours is None and after <= timedelta(0):
            raise AirflowFailException(
                f"this run ends at {instant(START + after)}, and the stream begins at {instant(START)}: choose later dates, "
                "or an earlier START in retail_start.py"
            )
        return instant(history + after)


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


def end_of_interval(run: Any) -> datetime:
    """A run without an interval, such as that of `airflow dags trigger`, ends with the last full hour."""
    end = run.data_interval_end or run.run_after
    return end.astimezone(timezone.utc).replace(minute=0, second=0, microsecond=0)


def instant(then: datetime) -> str:
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def job(dag_id: str, *, schedule: str | None, build: Callable[[], Any], about: str) -> DAG:
    """Creates a DAG. There is no catchup for missed intervals: a run streams everything up to the end of its own.

    The timetable gives each run the interval before it, on every Airflow; for a plain "@hourly", Airflow 3 gives it none.
    """
    with DAG(
        dag_id=dag_id,
        description=about.strip().splitlines()[0],
        doc_md=about,
        schedule=schedule and CronDataIntervalTimetable(schedule, "UTC"),
        # Earlier than any START: before its start date, Airflow reports success without running a task.
        start_date=datetime(2000, 1, 1, tzinfo=timezone.utc),
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULTS,
        params=PARAMS,
        tags=["retail"],
    ) as dag:
        build()
    return dag
