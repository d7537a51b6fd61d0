"""An operator that calls the `retail` command line, which does all of the work; it is safe to run twice and to kill at any time."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from typing import Any

from airflow.exceptions import AirflowException, AirflowFailException
from retail_assets import marts_lack, rows_added
from retail_connections import Place, open_place

try:  # Airflow 3
    from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
    from airflow.sdk import BaseOperator
except ImportError:  # Airflow 2
    from airflow.models.baseoperator import BaseOperator
    from airflow.triggers.temporal import TimeDeltaTrigger

# A retry can help if something stopped halfway. It cannot fix wrong flags, a missing program, a missing permission, or wrong data:
# exit codes 2, 3, 4, and 6 of `retail help exit-codes`.
HOPELESS = {2, 3, 4, 6}

# While a task waits, it looks again after each pause; it occupies no worker and no pool in between.
PAUSE = timedelta(seconds=15)

# `airflow dags test`: no other DAG runs that could make what is missing.
RUNS_ALONE = sys.argv[1:3] == ["dags", "test"]


class RetailFailed(AirflowException):
    """A command failed. `help` says what to do, if retail knows."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


class RetailHopeless(RetailFailed, AirflowFailException):
    """A command failed, and a retry would not help."""


class RetailBusy(RetailFailed):
    """Another command holds the lock."""

    patience = timedelta(hours=6)


class RetailMissing(RetailHopeless):
    """What the command needs does not exist yet, such as history; another DAG may be about to make it."""

    patience = timedelta(0) if RUNS_ALONE else timedelta(minutes=30)


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
        self.place: Place | None = None
        self._process: subprocess.Popen[str] | None = None

    def execute(self, context: Any) -> dict[str, Any] | None:
        return self.resume(context, since=now().isoformat())

    def resume(self, context: Any, since: str, event: Any = None) -> dict[str, Any] | None:
        """Does the work, or lets go of the worker until it may be possible. `since`: when the task first tried."""
        try:
            with open_place() as self.place:
                return self.work(context)
        except (RetailBusy, RetailMissing) as error:
            if now() - datetime.fromisoformat(since) >= error.patience:
                raise
            self.log.info("%s This task looks again in %d s.", error, PAUSE.total_seconds())
        self.defer(trigger=TimeDeltaTrigger(PAUSE), method_name="resume", kwargs={"since": since})

    def work(self, context: Any) -> dict[str, Any] | None:
        target = str(self.target or "")
        arguments = list(without_empty([str(word) for word in self.arguments]))
        if self.only:
            actual = target or setting(self.call(["status", "--config"], ""), "target")
            if actual != self.only:
                self.log.info("target %s needs no `retail %s`", actual, " ".join(arguments))
                self.outlets = []
                return None
        result = self.run(arguments, target)
        self.announce(result, target, context)
        return result

    def announce(self, result: dict[str, Any], target: str, context: Any) -> None:
        """Keeps the outlets to which rows were added: the others get no event."""
        if not self.outlets:
            return
        added, status = rows_added(result), self.call(["status"], target)
        news = added > 0
        # An earlier attempt may have added rows and then failed; a subscription of BigQuery adds them without a `load`.
        if context["ti"].try_number > 1 or result.get("needed") is False:
            news = news or marts_lack(status)
        if not self.is_news(news, status):
            self.log.info("no rows were added to %s, so there is no event", ", ".join(each.uri for each in self.outlets))
            self.outlets = []
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {"rows": added, "target": status["target"], "to": status["raw"]["live"]}

    def is_news(self, added: bool, status: dict[str, Any]) -> bool:
        """Whether rows that were added are in the outlets by now."""
        return added

    def run(self, arguments: list[str], target: str) -> dict[str, Any]:
        return self.call(arguments, target)

    def call(self, arguments: list[str], target: str) -> dict[str, Any]:
        command = [*self.place.command, *arguments, "--workspace", str(self.place.workspace), "--json", "--no-input"]
        self.log.info("$ %s", shlex.join(command))
        env = {**self.place.env, **({"RETAIL_TARGET": target} if target else {})}
        try:
            self._process = subprocess.Popen(
                command, env=env, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        except FileNotFoundError as error:
            install = f"npm install --global {self.place.workspace}/@RETAIL_PACKAGE@"
            raise RetailHopeless(f"{command[0]} is not installed: {install}, or set RETAIL_BIN (exit 3)", install) from error
        process = self._process
        reader = threading.Thread(target=self._log_lines, args=(process.stderr,))
        reader.start()
        # Long commands print one JSON object per line, the result last; short commands print a single document.
        document, last = [], ""
        for line in process.stdout:
            last = line
            if line.startswith('{"type":"progress"'):
                self.log.info(line.rstrip())
            else:
                document.append(line)
        reader.join()
        return self._judge(arguments, process.wait(), parse(last) or parse("".join(document)))

    def _log_lines(self, lines: Any) -> None:
        for line in lines:
            self.log.info(line.rstrip())

    def _judge(self, arguments: list[str], code: int, result: dict[str, Any] | None) -> dict[str, Any]:
        if code == 0 and result is not None:
            return result
        error = (result or {}).get("error") or {}
        # A transform whose models or tests fail has a result, not an error.
        failures = [f"{each['name']} in {each.get('file')}: {each['message']}" for each in (result or {}).get("failures") or []]
        said = ". ".join([*failures, *(str(error[key]) for key in ("message", "why", "hint") if error.get(key))])
        message = f"retail {' '.join(arguments)} ended with {code}. {said}".strip()
        waits = {"busy": RetailBusy, "missing": RetailMissing}
        kind = waits.get(error.get("code")) or (RetailHopeless if code in HOPELESS else RetailFailed)
        raise kind(message, error.get("hint"))

    def on_kill(self) -> None:
        """Asks the command to stop: it finishes the current batch, and the next run resumes there."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)


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


def now() -> datetime:
    return datetime.now(timezone.utc)
