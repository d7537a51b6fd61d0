"""The five jobs, each as a function that creates its tasks.

Each job is a separate DAG and a task group in `retail_data_pipeline`.
"""

from __future__ import annotations

from datetime import timedelta

import retail_settings
from retail_assets import LAKE, MARTS, RAW
from retail_cli import RetailOperator
from retail_dag import DBT, WRITER
from retail_models import dbt_models
from retail_operators import RUN, BeginOperator, PublishOperator, StreamOperator, TransformOperator, UploadConfigOperator

try:  # Airflow 3
    from airflow.sdk import TaskGroup
except ImportError:  # Airflow 2
    from airflow.utils.task_group import TaskGroup

PERIOD = ["--from", "{{ params['from'] or '' }}", "--to", "{{ params['to'] or '' }}"]


def setup_pubsub_infra() -> None:
    """Buckets, topics, subscriptions, datasets. Local needs none."""
    RetailOperator(
        task_id="apply_infra", arguments=["infra", "apply", "--yes"], only="gcp", pool=WRITER,
        doc_md="Creates what is missing in Google Cloud; does nothing on target local.",
    )


def upload_config_files_to_gcs() -> None:
    """Checks the config and, on gcp, copies it next to the data."""
    check = RetailOperator(
        task_id="check_config", arguments=["status", "--config"],
        doc_md="Shows every setting and where it comes from.",
    )
    upload = UploadConfigOperator(
        task_id="upload_config", execution_timeout=timedelta(minutes=10),
        doc_md="Copies retail.yaml to `config/` in the bucket; does nothing on target local.",
    )
    check >> upload


def load_mock_dim_data_bq() -> None:
    """Products, stores, and history. Existing data is kept."""
    # The event of the history that follows covers both: before it, there is nothing to build.
    dims = RetailOperator(
        task_id="seed_dims", arguments=["seed-dims"], pool=WRITER,
        doc_md="Writes products and stores.",
    )
    history = RetailOperator(
        task_id="backfill", arguments=["backfill", *PERIOD], pool=WRITER, outlets=[LAKE, RAW],
        doc_md="Writes the parts of history that are missing.",
    )
    dims >> history


def publish_stream_to_bq() -> None:
    """Continues the timeline up to the end of the run's interval."""
    stream = StreamOperator(
        task_id="stream", pool=WRITER, outlets=[LAKE, RAW],
        doc_md="Streams every event before the end of the run.",
    )
    # Runs until no more events arrive. With `ingest: subscription`, Pub/Sub writes to BigQuery, and this has nothing to do.
    load = RetailOperator(
        task_id="load", arguments=["load"], only="gcp", pool=WRITER, outlets=[RAW],
        doc_md="Loads events from Pub/Sub into BigQuery until no more arrive; does nothing on target local.",
    )
    stream >> load


def build_dbt_model() -> None:
    """Staging and marts, their tests, and verification."""
    built = transform_by_model() if getattr(retail_settings, "MODELS_AS_TASKS", False) else transform()
    verify = RetailOperator(
        task_id="verify", arguments=["verify"], retries=0,
        doc_md="Compares every row with the expected data.",
    )
    built >> verify


def transform() -> TransformOperator:
    return TransformOperator(
        task_id="transform", pool=DBT, inlets=[RAW], outlets=[MARTS],
        doc_md="Builds the marts with dbt, tests them, and publishes; skipped, like `verify`, if data started the run and nothing is new.",
    )


def transform_by_model() -> PublishOperator:
    """Ten times the processor time of one task, because each starts dbt; what readers see changes in the last one."""
    begin = BeginOperator(
        task_id="begin_transform", pool=DBT, inlets=[RAW],
        doc_md="Fixes the data to build from; skipped, like everything after it, if data started the run and nothing is new.",
    )
    publish = PublishOperator(
        task_id="publish_marts", pool=DBT, outlets=[MARTS],
        doc_md="Publishes all models together; fails if one of them, or a test, is missing.",
    )
    with TaskGroup(group_id="models"):
        tasks: dict[str, RetailOperator] = {}
        for model in dbt_models():
            name = model["name"]
            tasks[name] = RetailOperator(
                task_id=name, pool=DBT, arguments=["transform", "--run", RUN, "--model", name],
                doc_md=f"Builds and tests `{name}` with dbt.",
            )
            before = [tasks[other] for other in model["after"]] or [begin]
            before >> tasks[name]
    list(tasks.values()) >> publish
    return publish
