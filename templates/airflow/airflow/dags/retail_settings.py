"""Your settings of the retail DAGs. `retail init --with airflow` writes this file once and then keeps it."""

import logging
import os
from datetime import datetime, timedelta, timezone

# The day that follows history: the stream of a run ends as long after history as the run's interval ends after this day. It is the day
# before `init` wrote this file. Change it only before the first run: another day moves the end of every run. RETAIL_START replaces it.
START = datetime.fromisoformat(os.environ.get("RETAIL_START") or "@RETAIL_START@").replace(tzinfo=timezone.utc)

# When each DAG runs: "@hourly", "@daily", any other cron expression, or None for by hand only. "data", for build_dbt_model: when a run
# has added rows to raw, and only then. RETAIL_BUILD_SCHEDULE replaces that one.
SCHEDULES = {
    "retail_data_pipeline": "@daily",
    "setup_pubsub_infra": None,
    "upload_config_files_to_gcs": None,
    "ingest_with_spark": None,
    "load_mock_dim_data_bq": "@daily",
    "publish_stream_to_bq": "@hourly",
    "build_dbt_model": os.environ.get("RETAIL_BUILD_SCHEDULE") or "data",
}

# True: build_dbt_model has a task for each dbt model. It takes ten times the processor time, because each task starts dbt. Target local
# only. RETAIL_MODELS_AS_TASKS=true sets it, too.
MODELS_AS_TASKS = os.environ.get("RETAIL_MODELS_AS_TASKS") == "true"

# The longest time from when a run is queued to its end, on Airflow 3.1; on_deadline is called when it is over.
DEADLINES = {
    "retail_data_pipeline": timedelta(hours=6),
    "publish_stream_to_bq": timedelta(hours=1),
    "build_dbt_model": timedelta(hours=2),
}


def on_failure(context, help):
    """Your hook: called after the last try of a task. `help`: what retail says to do, or None."""
    task = context["task_instance"]
    logging.getLogger(__name__).error("%s of %s failed. What helps: %s", task.task_id, task.dag_id, help or "see the log above")


async def on_deadline(context, dag_id, within):
    """Your hook: called, in Airflow's triggerer, when a run is not done at its deadline. `context`: dag_run and deadline."""
    run = context["dag_run"]["dag_run_id"]
    logging.getLogger(__name__).error("%s of %s is not done after %s. What helps: retail status", run, dag_id, within)
