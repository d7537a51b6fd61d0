"""Buckets, topics, subscriptions and datasets of the gcp target, by `retail infra apply`.

Local needs none: the task says so and is done.
"""

# Airflow looks only into files that hold its name and the word DAG.
from retail_cli import job
from retail_jobs import setup_pubsub_infra

dag = job("setup_pubsub_infra", schedule=None, build=setup_pubsub_infra, about=__doc__)
