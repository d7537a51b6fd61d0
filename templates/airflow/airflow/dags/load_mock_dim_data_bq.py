"""Writes products, stores, and history, with `retail seed-dims` and `retail backfill`.

Params `from` and `to` set the period. Existing parts are kept, so a second run generates nothing.
"""

# Airflow parses only files that contain the words "airflow" and "DAG".
from retail_dag import job
from retail_jobs import load_mock_dim_data_bq

dag = job("load_mock_dim_data_bq", build=load_mock_dim_data_bq, about=__doc__)
