"""The dbt models, for a task each: no DAG may call dbt while Airflow reads it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()


def dbt_models() -> list[dict[str, Any]]:
    """Each with the names of those before it: as the last `retail transform` of the workspace listed them, yours included; else those of retail."""
    workspace = Path(os.environ.get("RETAIL_WORKSPACE") or HERE.parents[2])
    listed = workspace / ".retail/dbt/models.json"
    return json.loads((listed if listed.is_file() else HERE.with_suffix(".json")).read_text())
