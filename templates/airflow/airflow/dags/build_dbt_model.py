"""Builds, tests, and verifies the marts, with `retail transform` and `retail verify`.

Marts are published together, after all tests pass. Wrong data fails the run at once: a retry would not fix it.
"""

# Airflow parses only files that contain the words "airflow" and "DAG".
from retail_dag import job
from retail_jobs import build_dbt_model

dag = job("build_dbt_model", build=build_dbt_model, about=__doc__)
