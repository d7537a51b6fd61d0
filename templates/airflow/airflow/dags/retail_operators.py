"""The operators of commands that need more than their flags."""

from __future__ import annotations

import shlex
import subprocess
from datetime import datetime, timedelta, timezone
from typing import Any

import retail_settings
from airflow.exceptions import AirflowSkipException
from retail_assets import events_travel, marts_lack
from retail_cli import RetailFailed, RetailHopeless, RetailOperator, setting

NOTHING_NEW = "the marts have all rows of raw already: there is nothing to build or to verify"

# What the tasks of one run build together.
RUN = "{{ dag.dag_id }}/{{ run_id }}"


class StreamOperator(RetailOperator):
    """Streams every event before the end of this run, which depends only on the run, its params, and retail.yaml.

    So a run that is repeated, cleared, or executed before earlier ones ends at the same instant, and adds no event twice.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(arguments=["stream"], **options)

    def work(self, context: Any) -> dict[str, Any]:
        target = str(self.target or "")
        seconds = context["params"].get("seconds")
        if seconds is None:
            end = context["params"].get("until") or self.end_of(context, target)
            self.log.info("this run streams every event before %s", end)
        flags = ["--speed", "max", "--until", end] if seconds is None else ["--rate", "20", "--duration", f"{seconds}s"]
        result = self.run([*self.arguments, *flags], target)
        if result.get("stoppedBy") == "already-past":
            self.log.info("nothing to stream: the timeline is already at %s", result["to"])
        self.announce(result, target, context)
        return result

    def is_news(self, added: bool, status: dict[str, Any]) -> bool:
        return added and not events_travel(status)

    def end_of(self, context: Any, target: str) -> str:
        params = context["params"]
        last_day = params.get("to") or setting(self.call(["status", "--config"], target), "history.to")
        history = datetime.fromisoformat(last_day).replace(tzinfo=timezone.utc) + timedelta(days=1)
        hours = params.get("hours")
        after = end_of_interval(context["dag_run"]) - retail_settings.START if hours is None else timedelta(hours=hours)
        if hours is None and after <= timedelta(0):
            first = retail_settings.START
            raise RetailHopeless(
                f"this run ends at {instant(first + after)}, and the stream begins at {instant(first)}: choose later dates, "
                "or an earlier START in retail_settings.py"
            )
        return instant(history + after)


class TransformOperator(RetailOperator):
    """Builds the marts. A run that an event of raw has started tests what changed; every other run tests all rows."""

    def __init__(self, **options: Any) -> None:
        # `dataset_triggered` on Airflow 2.
        all_rows = "{{ '' if 'triggered' in dag_run.run_type else '--full-tests' }}"
        super().__init__(arguments=["transform", all_rows], **options)
        self._lacked = False

    def run(self, arguments: list[str], target: str) -> dict[str, Any]:
        self._lacked = marts_lack(self.call(["status"], target))
        return self.call(arguments, target)

    def announce(self, result: dict[str, Any], target: str, context: Any) -> None:
        if result.get("unchanged"):
            raise AirflowSkipException(NOTHING_NEW)
        # An earlier attempt may have published, and then failed.
        if not self._lacked and not result.get("already"):
            self.outlets = []
        for asset in self.outlets:
            models = result["models"]
            context["outlet_events"][asset].extra = {"models": models if isinstance(models, int) else len(models), "to": result["cut"]["live"]}


class BeginOperator(TransformOperator):
    """Fixes the data that the tasks of the models build from."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.arguments = [*self.arguments, "--run", RUN, "--begin"]

    def announce(self, result: dict[str, Any], target: str, context: Any) -> None:
        if result["unchanged"] and "--full-tests" not in self.arguments:
            raise AirflowSkipException(NOTHING_NEW)


class PublishOperator(TransformOperator):
    """Publishes what the tasks of the models have built."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.arguments = ["transform", "--run", RUN, "--publish"]


class GcloudOperator(RetailOperator):
    """Calls `gcloud`, too, as the identity and in the folder of retail."""

    def gcloud(self, command: list[str], stderr: int | None = subprocess.STDOUT) -> str:
        """Returns what it prints, which is also logged."""
        self.log.info("$ %s", shlex.join(command))
        try:
            self._process = subprocess.Popen(
                command, cwd=self.place.workspace, env=self.place.env, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr
            )
        except FileNotFoundError as error:
            raise RetailHopeless(
                "gcloud is not installed: https://cloud.google.com/sdk/docs/install (exit 3)"
            ) from error
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            self.log.info(line.rstrip())
        if (code := self._process.wait()) != 0:
            raise RetailFailed(f"{shlex.join(command[:5])} ended with {code}")
        return "".join(lines)


class UploadConfigOperator(GcloudOperator):
    """Copies the current retail.yaml to `config/` in the bucket, always under the same name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(arguments=["status", "--config"], only="gcp", **options)

    def run(self, arguments: list[str], target: str) -> dict[str, Any]:
        bucket = setting(self.call(arguments, target), "gcp.bucket")
        there = f"gs://{bucket}/config/retail.yaml"
        self.gcloud(["gcloud", "storage", "cp", "retail.yaml", there])
        return {"uploaded": there}


def end_of_interval(run: Any) -> datetime:
    """A run without an interval, such as that of `airflow dags trigger`, ends with the last full hour."""
    end = run.data_interval_end or run.run_after
    return end.astimezone(timezone.utc).replace(minute=0, second=0, microsecond=0)


def instant(then: datetime) -> str:
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")
