"""Prints, for each reader and each table of a lake, how many rows it sees and a hash of them all, as text, in order of their ids."""

import glob
import hashlib
import json
import os
import sys

lake = sys.argv[1]
FORMS = {"timestamp": "%Y-%m-%d %H:%M:%S"}


def text(value):
    return value.strftime(FORMS["timestamp"]) if hasattr(value, "strftime") else str(value)


def digest(rows):
    lines = sorted("|".join(map(text, row)) for row in rows)
    return {"rows": len(lines), "hash": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def pyarrow(files):
    import pyarrow.dataset as dataset

    return zip(*(column.to_pylist() for column in dataset.dataset(files).to_table().columns))


def polars(files):
    import polars

    return polars.read_parquet(files).iter_rows()


def spark(files):
    global session
    return map(tuple, session.read.parquet(*files).collect())


def spark_session():
    from pyspark.sql import SparkSession

    return (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.memory", "1g")
        .getOrCreate()
    )


os.environ["TZ"] = "UTC"
session = spark_session()
session.sparkContext.setLogLevel("ERROR")
answer = {}
for reader in (pyarrow, polars, spark):
    for table in ("product", "store", "transactions", "inventories"):
        single = os.path.join(lake, table, f"{table}.parquet")
        files = [single] if os.path.exists(single) else sorted(glob.glob(os.path.join(lake, table, "*", "*.parquet")))
        answer.setdefault(table, {})[reader.__name__] = digest(reader(files))
session.stop()
print(json.dumps(answer))
