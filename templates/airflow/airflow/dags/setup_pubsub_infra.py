"""Creates buckets, topics, subscriptions, and datasets of the gcp target, with `retail infra apply`.

Target local needs none: the task logs that and succeeds.
"""

# Airflow parses only files that contain the words "airflow" and "DAG".
from retail_dag import job
from retail_jobs import setup_pubsub_infra

dag = job("setup_pubsub_infra", build=setup_pubsub_infra, about=__doc__)
