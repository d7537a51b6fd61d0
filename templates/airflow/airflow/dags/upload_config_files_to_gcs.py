"""Checks retail.yaml and copies it next to the data.

`check_config` shows every value and where it comes from; the copy goes to `gs://BUCKET/config/retail.yaml` (gcp only).
"""

# Airflow parses only files that contain the words "airflow" and "DAG".
from retail_dag import job
from retail_jobs import upload_config_files_to_gcs

dag = job("upload_config_files_to_gcs", build=upload_config_files_to_gcs, about=__doc__)
