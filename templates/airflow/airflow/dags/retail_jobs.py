"""The five jobs, each as a function that creates its tasks.

Each job is a separate DAG and a task group in `retail_data_pipeline`.
"""

from __future__ import annotations

from retail_cli import DBT, WRITER, RetailOperator, StreamOperator, UploadConfigOperator

PERIOD = ["--from", "{{ params['from'] or '' }}", "--to", "{{ params['to'] or '' }}"]


def setup_pubsub_infra() -> None:
    """Buckets, topics, subscriptions, datasets. Local needs none."""
    RetailOperator(task_id="apply_infra", arguments=["infra", "apply", "--yes"], only="gcp", pool=WRITER)


def upload_config_files_to_gcs() -> None:
    """Checks the config and, on gcp, copies it next to the data."""
    check = RetailOperator(task_id="check_config", arguments=["status", "--config"])
    upload = UploadConfigOperator(task_id="upload_config")
    check >> upload


def load_mock_dim_data_bq() -> None:
    """Products, stores, and history. Existing data is kept."""
    dims = RetailOperator(task_id="seed_dims", arguments=["seed-dims"], pool=WRITER)
    history = RetailOperator(task_id="backfill", arguments=["backfill", *PERIOD], pool=WRITER)
    dims >> history


def publish_stream_to_bq() -> None:
    """Continues the timeline up to the end of the run's interval."""
    stream = StreamOperator(task_id="stream", pool=WRITER)
    # Runs until no more events arrive. With `ingest: subscription`, Pub/Sub writes to BigQuery, and this has nothing to do.
    load = RetailOperator(task_id="load", arguments=["load"], only="gcp", pool=WRITER)
    stream >> load


def build_dbt_model() -> None:
    """Staging and marts, their tests, and verification."""
    transform = RetailOperator(task_id="transform", arguments=["transform", "--full-tests"], pool=DBT)
    verify = RetailOperator(task_id="verify", arguments=["verify"], retries=0)
    transform >> verify
