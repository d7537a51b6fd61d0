"""Streams an hour of the timeline for each hour of the clock, with `retail stream`.

The end of a run follows from its interval: START in retail_settings.py is the end of history. So you can clear, repeat, and backfill runs in
any order, and side by side. A run streams everything up to its end. If the timeline is already past that, it does nothing.
Params `until` and `hours` (after history) set another end.
"""

# Airflow parses only files that contain the words "airflow" and "DAG".
from retail_dag import job
from retail_jobs import publish_stream_to_bq

dag = job("publish_stream_to_bq", build=publish_stream_to_bq, about=__doc__)
