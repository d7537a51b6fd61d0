"""Products, stores and history, by `retail seed-dims` and `retail backfill`.

Params `from` and `to` pick the period. Parts that are there are kept, so a repeat makes nothing.
"""

# Airflow looks only into files that hold its name and the word DAG.
from retail_cli import job
from retail_jobs import load_mock_dim_data_bq

dag = job("load_mock_dim_data_bq", schedule="@daily", build=load_mock_dim_data_bq, about=__doc__)
