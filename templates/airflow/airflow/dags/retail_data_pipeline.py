"""Everything in the order data travels: infrastructure, config, dimensions and history, live stream, marts and their proof.

Each group is what the DAG of that name does alone. Infrastructure comes first: config and dimensions go into what it makes.
"""

# Airflow looks only into files that hold its name and the word DAG.
import retail_jobs
from retail_cli import job

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


dag = job("retail_data_pipeline", schedule="@daily", build=pipeline, about=__doc__)
