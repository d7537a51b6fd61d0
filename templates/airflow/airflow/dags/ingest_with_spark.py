"""Runs `spark/ingest.py` on Dataproc Serverless for each table, and loads what it has written into BigQuery.

Needs `retail init --with spark`, `spark = {}` and `archive = true` in infra.tfvars, and `gcloud`; does nothing on target local. Start it by
hand, or set a schedule. A batch continues where the last one ended, and `retail load --from` loads each of its files once, so you can clear and
repeat runs. A task first waits for a batch of its table that an earlier try has left running.
"""

# Airflow parses only files that contain the words "airflow" and "DAG".
from __future__ import annotations

import json
from typing import Any

from retail_assets import RAW
from retail_cli import RetailOperator
from retail_dag import WRITER, job
from retail_operators import GcloudOperator

RUNNING = {"PENDING", "RUNNING", "CANCELLING"}


class SparkBatchOperator(GcloudOperator):
    """Runs the batch of one table that `retail infra output --spark` prints; pushes where its files are as XCom."""

    def __init__(self, *, table: str, **options: Any) -> None:
        # The checkpoint of a table belongs to one batch at a time, also if several runs of this DAG are active.
        super().__init__(arguments=["infra", "output", "--spark"], only="gcp", max_active_tis_per_dag=1, **options)
        self.table = table

    def run(self, arguments: list[str], target: str) -> dict[str, Any]:
        batches = self.call(arguments, target)["batches"]
        batch = next(each for each in batches if each["table"] == self.table)
        command = [str(word) for word in batch["command"]]
        place = [word for word in command if word.startswith(("--project=", "--region="))]
        for name in self.running(place):
            self.log.info("an earlier try has left %s running", name)
            self.gcloud(["gcloud", "dataproc", "batches", "wait", name, *place])
        self.gcloud(command)
        return {"out": batch["out"]}

    def running(self, place: list[str]) -> list[str]:
        listed = self.gcloud(["gcloud", "dataproc", "batches", "list", *place, "--format=json"], stderr=None)
        return [
            batch["name"].rsplit("/", 1)[-1]
            for batch in json.loads(listed or "[]")
            if batch.get("labels", {}).get("retail-table") == self.table and batch.get("state") in RUNNING
        ]


def ingest_with_spark() -> None:
    batches = [
        SparkBatchOperator(
            task_id=f"ingest_{table}", table=table,
            doc_md=f"Reads the archived events of {table} with Spark, keeps each id once, and writes Parquet.",
        )
        for table in ("transactions", "inventories")
    ]
    load = RetailOperator(
        task_id="load_batches", only="gcp", pool=WRITER, outlets=[RAW],
        # `load` without a folder would load from Pub/Sub.
        arguments=["load", "--from", "{{ (ti.xcom_pull(task_ids='ingest_transactions') or {}).get('out') or 'nowhere' }}"],
        doc_md="Loads each batch of files into BigQuery, once.",
    )
    batches >> load


dag = job("ingest_with_spark", build=ingest_with_spark, about=__doc__)
