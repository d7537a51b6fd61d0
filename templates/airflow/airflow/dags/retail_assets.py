"""What the tasks write, as assets: lake → raw → marts. An event of an asset means that rows were added to it.

Every task that writes names its assets as outlets, so Airflow draws the way of the data. Without RetailOperator, each success would be
an event, also that of a task that found nothing to do.
"""

from __future__ import annotations

from typing import Any

try:  # Airflow 3
    from airflow.sdk import Asset
except ImportError:  # Airflow 2
    from airflow.datasets import Dataset

    def Asset(name: str, uri: str) -> Dataset:
        return Dataset(uri)


LAKE = Asset(name="retail_lake", uri="retail://workspace/lake")
RAW = Asset(name="retail_raw", uri="retail://workspace/raw")
MARTS = Asset(name="retail_marts", uri="retail://workspace/marts")


def rows_added(result: dict[str, Any]) -> int:
    """The rows that a command says it has written."""
    return sum((result.get("rows") or {}).values())


def marts_lack(status: dict[str, Any]) -> bool:
    """Whether raw holds what the marts do not."""
    return state_of(status, "transform") not in ("done", "not needed")


def events_travel(status: dict[str, Any]) -> bool:
    """Whether streamed events reach raw later: a broker holds them until they are loaded."""
    return state_of(status, "load") is not None


def state_of(status: dict[str, Any], step: str) -> str | None:
    """The state of a step of `retail status`; None if the target has no such step."""
    return next((row["state"] for row in status["steps"] if row["step"] == step), None)
