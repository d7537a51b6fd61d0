"""
Reads the Delta tables of a lake. Each line of stdin is a folder, and gets a line of JSON:
of a lake, for each reader and table, how many rows it sees and a hash of them all;
of a table, how many rows delta-rs and Polars see, and how many ids.
"""

import json
import os
import sys

from digest import digest, spark_session

TABLES = ("product", "store", "transactions", "inventories")
# For Spark; without them, it is left out.
JARS = sys.argv[1]


def delta_rs(folder):
    from deltalake import DeltaTable

    table = DeltaTable(folder).to_pyarrow_dataset().to_table()
    return zip(*(table.column(name).to_pylist() for name in table.column_names if name != "month"))


def polars(folder):
    import polars

    return polars.scan_delta(folder).drop("month", strict=False).collect().iter_rows()


def spark(folder):
    return map(tuple, session().read.format("delta").load(folder).drop("month").collect())


def session():
    return spark_session(
        {
            "spark.jars": JARS,
            # By default, Delta computes the state of a table in 50 pieces.
            "spark.databricks.delta.snapshotPartitions": "1",
            "spark.sql.shuffle.partitions": "1",
            "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
            "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        }
    )


def whole(lake):
    return {
        table: {reader.__name__: digest(reader(os.path.join(lake, table))) for reader in READERS}
        for table in TABLES
    }


READERS = (delta_rs, polars, spark) if JARS else (delta_rs, polars)


def ids(folder):
    import polars
    from deltalake import DeltaTable

    rs = DeltaTable(folder).to_pyarrow_dataset().to_table(columns=["transaction_id"]).column(0)
    pl = polars.scan_delta(folder).select("transaction_id").collect()["transaction_id"]
    return [{"n": len(rs), "ids": len(rs.unique())}, {"n": len(pl), "ids": pl.n_unique()}]


os.environ["TZ"] = "UTC"
for line in sys.stdin:
    place = line.strip()
    is_table = os.path.exists(os.path.join(place, "_delta_log"))
    print(json.dumps(ids(place) if is_table else whole(place)), flush=True)
