"""Builds and tests the marts and verifies them, by `retail transform` and `retail verify`.

Marts are published together, when all tests passed. Wrong data fails the run at once: a retry would not mend it.
"""

# Airflow looks only into files that hold its name and the word DAG.
from retail_cli import job
from retail_jobs import build_dbt_model

dag = job("build_dbt_model", schedule="@daily", build=build_dbt_model, about=__doc__)
