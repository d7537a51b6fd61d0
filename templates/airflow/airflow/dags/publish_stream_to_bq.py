"""Streams the next hour of the timeline, with `retail stream`.

It begins at the current position. Param `hours` sets the length, `until` the end; a retry ends at the same instant.
"""

# Airflow parses only files that contain the words "airflow" and "DAG".
from retail_cli import job
from retail_jobs import publish_stream_to_bq

dag = job("publish_stream_to_bq", schedule="@hourly", build=publish_stream_to_bq, about=__doc__)
