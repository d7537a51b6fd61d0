"""What a DAG folder holds, as JSON: asserted by airflow.test.ts, on Airflow 3 and 2."""

import json
import sys

try:
    from airflow.dag_processing.dagbag import DagBag
except ImportError:
    from airflow.models.dagbag import DagBag

sys.path.insert(0, sys.argv[1])
bag = DagBag(sys.argv[1], include_examples=False)
dags = {
    name: {
        "schedule": None if dag.timetable.summary == "None" else dag.timetable.summary,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "params": sorted(dag.params),
        "tasks": {
            task.task_id: {
                "pool": task.pool,
                "retries": task.retries,
                "documented": bool(task.doc_md),
                "upstream": sorted(task.upstream_task_ids),
            }
            for task in dag.tasks
        },
    }
    for name, dag in bag.dags.items()
}
# With the programs that the test has put on the PATH.
task = bag.dags["ingest_with_spark"].get_task("ingest_inventories")
out = task.run(task.arguments, "gcp")
text = json.dumps({"errors": bag.import_errors, "dags": dags, "spark": out}, default=str, sort_keys=True)
with open(sys.argv[2], "w") as file:
    file.write(text)
