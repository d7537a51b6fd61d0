"""Lets the live stream go on by an hour of the timeline, by `retail stream`.

It begins where the timeline is. Param `hours` says how far, `until` where to; a retry ends at the same instant.
"""

# Airflow looks only into files that hold its name and the word DAG.
from retail_cli import job
from retail_jobs import publish_stream_to_bq

dag = job("publish_stream_to_bq", schedule="@hourly", build=publish_stream_to_bq, about=__doc__)
