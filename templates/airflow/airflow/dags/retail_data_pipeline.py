"""Runs everything in order: infrastructure, config, dimensions and history, live stream, marts, and verification.

Each group has the tasks of the DAG with that name. Infrastructure comes first, because config and dimensions need it.
"""

# Airflow parses only files that contain the words "airflow" and "DAG".
import retail_jobs
from retail_dag import job

try:  # Airflow 3
    from airflow.sdk import TaskGroup, chain
except ImportError:  # Airflow 2
    from airflow.models.baseoperator import chain
    from airflow.utils.task_group import TaskGroup

ORDER = [
    retail_jobs.setup_pubsub_infra,
    retail_jobs.upload_config_files_to_gcs,
    retail_jobs.load_mock_dim_data_bq,
    retail_jobs.publish_stream_to_bq,
    retail_jobs.build_dbt_model,
]


def pipeline() -> None:
    groups = []
    for build in ORDER:
        with TaskGroup(group_id=build.__name__) as group:
            build()
        groups.append(group)
    chain(*groups)


dag = job("retail_data_pipeline", build=pipeline, about=__doc__)
