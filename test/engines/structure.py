"""What a DAG folder holds, as JSON: asserted by airflow.test.ts, on Airflow 3 and 2."""

import json
import runpy
import sys

try:
    from airflow.dag_processing.dagbag import DagBag
except ImportError:
    from airflow.models.dagbag import DagBag

def tasks_of(dag):
    return {
        task.task_id: {
            "pool": task.pool,
            "retries": task.retries,
            "documented": bool(task.doc_md),
            "inlets": [each.uri for each in task.inlets],
            "outlets": [each.uri for each in task.outlets],
            "upstream": sorted(task.upstream_task_ids),
        }
        for task in dag.tasks
    }


def by_model():
    """The tasks of build_dbt_model, if each model is one."""
    retail_settings.MODELS_AS_TASKS = True
    dag = runpy.run_path(sys.argv[1] + "/build_dbt_model.py")["dag"]
    retail_settings.MODELS_AS_TASKS = False
    return {name: {**task, "arguments": getattr(dag.get_task(name), "arguments")} for name, task in tasks_of(dag).items()}


def schedule_of(dag):
    """A cron expression, or the assets whose events start a run."""
    table = dag.timetable
    if hasattr(table, "asset_condition"):
        assets = [asset.uri for _, asset in table.asset_condition.iter_assets()]
    else:
        condition = getattr(table, "dataset_condition", None)
        assets = [uri for uri, _ in condition.iter_datasets()] if condition else []
    return assets or (None if table.summary == "None" else table.summary)


def build_schedule(when):
    """That of build_dbt_model with another setting."""
    retail_settings.SCHEDULES["build_dbt_model"] = when
    return schedule_of(runpy.run_path(sys.argv[1] + "/build_dbt_model.py")["dag"])


sys.path.insert(0, sys.argv[1])
bag = DagBag(sys.argv[1], include_examples=False)
dags = {
    name: {
        "schedule": schedule_of(dag),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "params": sorted(dag.params),
        "tasks": tasks_of(dag),
    }
    for name, dag in bag.dags.items()
}
import retail_settings  # noqa: E402
from places import places  # noqa: E402
from retail_cli import RetailFailed, RetailOperator  # noqa: E402
from retail_connections import open_place  # noqa: E402

# With the programs that the test has put on the PATH.
task = bag.dags["ingest_with_spark"].get_task("ingest_inventories")
with open_place() as task.place:
    spark = task.run(task.arguments, "gcp")

try:
    failed = {"failures": [{"name": "daily_sales", "file": "dbt/models/daily_sales.sql", "message": "no such column"}]}
    RetailOperator(task_id="build", arguments=[])._judge(["transform"], 1, failed)
except RetailFailed as error:
    judged = str(error)

choices = {when: build_schedule(when) for when in ("@hourly", "@daily", "data")}
answer = {"errors": bag.import_errors, "dags": dags, "choices": choices, "by_model": by_model(), "judged": judged, "spark": spark, "places": places(sys.argv[3])}
with open(sys.argv[2], "w") as file:
    file.write(json.dumps(answer, default=str, sort_keys=True))
