"""A function that creates a retail DAG, with what all of them have in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import retail_settings
from airflow.timetables.interval import CronDataIntervalTimetable
from retail_assets import RAW
from retail_cli import RUNS_ALONE

try:  # Airflow 3
    from airflow.sdk import DAG, Param
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.models.param import Param
try:  # Airflow 3.1
    from airflow.sdk.definitions.deadline import AsyncCallback, DeadlineAlert, DeadlineReference
except ImportError:
    DeadlineAlert = None

# Pools with one slot each (`airflow pools import pools.json`): one writer of the lake, one dbt.
WRITER = "retail_writer"
DBT = "retail_dbt"


def on_failure(context: Any) -> None:
    """After the last try of a task."""
    retail_settings.on_failure(context, getattr(context.get("exception"), "help", None))


DEFAULTS = {
    "owner": "retail",
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(hours=6),
    "on_failure_callback": on_failure,
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
    "seconds": Param(
        None,
        type=["null", "integer"],
        minimum=1,
        maximum=86400,
        description="instead of an end: stream 20 events a second for this many seconds",
    ),
}


def job(dag_id: str, *, build: Callable[[], Any], about: str) -> DAG:
    """Creates a DAG. There is no catchup for missed intervals: a run streams everything up to the end of its own."""
    with DAG(
        dag_id=dag_id,
        description=about.strip().splitlines()[0],
        doc_md=about,
        schedule=schedule_of(dag_id),
        # Earlier than any START: before its start date, Airflow reports success without running a task.
        start_date=datetime(2000, 1, 1, tzinfo=timezone.utc),
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULTS,
        params=PARAMS,
        tags=["retail"],
        **deadline_of(dag_id),
    ) as dag:
        build()
    return dag


def schedule_of(dag_id: str) -> Any:
    """The timetable gives each run the interval before it, on every Airflow; for a plain "@hourly", Airflow 3 gives it none."""
    when = retail_settings.SCHEDULES.get(dag_id)
    if when == "data":
        if dag_id != "build_dbt_model":
            raise ValueError(f'SCHEDULES in retail_settings.py: only build_dbt_model can run by "data", not {dag_id}')
        return [RAW]
    return when and CronDataIntervalTimetable(when, "UTC")


def deadline_of(dag_id: str) -> dict[str, Any]:
    """Airflow measures it from when a run is queued. Airflow before 3.1 has none, and `airflow dags test` queues nothing: it would fail."""
    within = retail_settings.DEADLINES.get(dag_id)
    if within is None or DeadlineAlert is None or RUNS_ALONE:
        return {}
    callback = AsyncCallback("retail_settings.on_deadline", kwargs={"dag_id": dag_id, "within": str(within)})
    return {"deadline": DeadlineAlert(reference=DeadlineReference.DAGRUN_QUEUED_AT, interval=within, callback=callback)}
