"""Prints, for each reader and each table of a lake, how many rows it sees and a hash of them all, as text, in order of their ids."""

import glob
import json
import os
import sys

from digest import digest, spark_session

lake = sys.argv[1]


def pyarrow(files):
    import pyarrow.dataset as dataset

    return zip(*(column.to_pylist() for column in dataset.dataset(files).to_table().columns))


def polars(files):
    import polars

    return polars.read_parquet(files).iter_rows()


def spark(files):
    global session
    return map(tuple, session.read.parquet(*files).collect())


os.environ["TZ"] = "UTC"
session = spark_session()
answer = {}
for reader in (pyarrow, polars, spark):
    for table in ("product", "store", "transactions", "inventories"):
        single = os.path.join(lake, table, f"{table}.parquet")
        files = [single] if os.path.exists(single) else sorted(glob.glob(os.path.join(lake, table, "*", "*.parquet")))
        answer.setdefault(table, {})[reader.__name__] = digest(reader(files))
session.stop()
print(json.dumps(answer))
