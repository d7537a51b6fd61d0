"""Reads events from files (as a Pub/Sub subscription writes them to a bucket) or Kafka, and writes Parquet, each id once.

Invalid events go to the dead-letter folder, with the reason. Each batch has its own folder, so an interrupted batch is
rewritten, not duplicated. Read only batches with `_SUCCESS` in their folder. Set the master yourself.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

# The columns of both fact tables: name, SQL type, and constraint. Values are read as text first, so that invalid ones are reported, not lost.
FACTS = {
    "transactions": [
        ("transaction_id", "string", r"{} rlike '^T[0-9]{{6}}-[0-9]{{4,}}-[0-9]{{6,}}$'"),
        ("product_id", "string", r"{} rlike '^P[0-9]{{5,}}$'"),
        ("timestamp", "timestamp", "true"),
        ("quantity", "int", "{} >= 1"),
        ("unit_price", "decimal(10,2)", "{} >= 0"),
        ("store_id", "string", r"{} rlike '^S[0-9]{{4,}}$'"),
    ],
    "inventories": [
        ("inventory_id", "string", r"{} rlike '^I[0-9]{{6}}-[0-9]{{4,}}-[0-9]{{6,}}$'"),
        ("product_id", "string", r"{} rlike '^P[0-9]{{5,}}$'"),
        ("timestamp", "timestamp", "true"),
        ("quantity_change", "int", "{} <> 0"),
        ("store_id", "string", r"{} rlike '^S[0-9]{{4,}}$'"),
    ],
}
# Columns of `world.schema: extended`.
EXTENDED = {"transactions": ["basket_id"], "inventories": ["movement_type", "reference_id"]}


def main() -> int:
    flags = parse_flags()
    spark = (
        SparkSession.builder.appName("retail-ingest")
        .config("spark.sql.session.timeZone", "UTC")
        .config(
            "spark.sql.streaming.stateStore.providerClass",
            "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider",
        )
        .getOrCreate()
    )
    key = FACTS[flags.table][0][0]
    names = [name for name, _, _ in FACTS[flags.table]] + (EXTENDED[flags.table] if flags.extended else [])

    events = judged(source(spark, flags), flags)
    good = (
        events.where("reason = ''")
        .select("event.*")
        .withWatermark("timestamp", flags.watermark)
        .dropDuplicatesWithinWatermark([key])
        .select(*names)
    )
    bad = events.where("reason <> ''").select("raw", "reason")
    queries = [
        start(good, flags, f"{flags.out}/{flags.table}", "events"),
        start(bad, flags, f"{flags.dead_letter}/{flags.table}", "dead"),
    ]
    for query in queries:
        query.awaitTermination()
    told = [row for query in queries for row in query.recentProgress]
    late = sum(
        state["numRowsDroppedByWatermark"] for row in queries[0].recentProgress for state in row["stateOperators"]
    )
    print(json.dumps({"table": flags.table, "batches": len(told), "read": sum(r["numInputRows"] for r in queries[0].recentProgress), "late": late}))
    spark.stop()
    if late:
        print(f"error: {late} events arrived more than {flags.watermark} late and were skipped\n  start over with a longer --watermark", file=sys.stderr)
        return 5
    return 0


def source(spark: SparkSession, flags: argparse.Namespace) -> DataFrame:
    """One column, `raw`: the event as received."""
    if flags.source == "kafka":
        return (
            spark.readStream.format("kafka")
            .option("kafka.bootstrap.servers", flags.brokers)
            .option("subscribe", flags.input)
            .option("startingOffsets", "earliest")
            .option("failOnDataLoss", "true")
            .load()
            .select(F.col("value").cast("string").alias("raw"))
        )
    files = spark.readStream.format("text").option("maxFilesPerTrigger", flags.files_per_batch)
    return files.option("recursiveFileLookup", "true").load(flags.input).select(F.col("value").alias("raw"))


def judged(raw: DataFrame, flags: argparse.Namespace) -> DataFrame:
    """`event`, typed, and `reason`, which is empty for a valid event."""
    columns = FACTS[flags.table] + ([(name, "string", "true") for name in EXTENDED[flags.table]] if flags.extended else [])
    text = T.StructType([T.StructField(name, T.StringType()) for name, _, _ in columns])
    parsed = raw.where("trim(raw) <> ''").withColumn("said", F.from_json("raw", text))
    typed = [F.expr(f"try_cast(said.`{name}` as {kind})").alias(name) for name, kind, _ in columns]
    parsed = parsed.withColumn("event", F.struct(*typed))

    def wrong(name: str, kind: str, rule: str) -> Column:
        at = f"event.`{name}`"
        missing = F.when(F.col(f"said.{name}").isNull(), F.lit(f"{name} is missing"))
        unread = missing.when(F.col(f"event.{name}").isNull(), F.lit(f"{name} is no {kind}"))
        return unread.when(~F.expr(rule.format(at)), F.lit(f"{name} is out of range"))

    reasons = F.concat_ws(", ", *[wrong(*column) for column in columns])
    not_json = reduce(lambda a, b: a & b, [F.col(f"said.{name}").isNull() for name, _, _ in columns])
    return parsed.withColumn("reason", F.when(not_json, F.lit("not an event in JSON")).otherwise(reasons))


def start(rows: DataFrame, flags: argparse.Namespace, out: str, name: str):
    checkpoint = f"{flags.checkpoint}/{flags.table}/{name}"

    def write(batch: DataFrame, number: int) -> None:
        # Each checkpoint numbers its batches from 0, so its id is part of the name: a new checkpoint never overwrites the rows of an old one.
        run = json.loads(batch.sparkSession.read.text(f"{checkpoint}/metadata").first()[0])["id"]
        batch.write.mode("overwrite").parquet(f"{out}/run={run}/batch={number}")

    stream = rows.writeStream.foreachBatch(write).option("checkpointLocation", checkpoint).queryName(name)
    return (stream if flags.follow else stream.trigger(availableNow=True)).start()


def parse_flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", choices=sorted(FACTS), required=True)
    parser.add_argument("--source", choices=["files", "kafka"], default="files")
    parser.add_argument("--input", required=True, help="folder of NDJSON files (gs://… too), or the topic")
    parser.add_argument("--brokers", help="kafka: host:port, …")
    parser.add_argument("--out", required=True, help="folder for the Parquet files")
    parser.add_argument("--checkpoint", required=True, help="folder for the checkpoint")
    parser.add_argument("--dead-letter", required=True, help="folder for invalid events")
    parser.add_argument("--watermark", default="2 days", help="how late an event or its duplicate may arrive")
    parser.add_argument("--files-per-batch", type=int, default=50)
    parser.add_argument("--extended", action="store_true", help="world.schema: extended")
    parser.add_argument("--follow", action="store_true", help="run until stopped (default: stop after reading all existing events)")
    flags = parser.parse_args()
    if flags.source == "kafka" and not flags.brokers:
        parser.error("--source kafka needs --brokers")
    return flags


if __name__ == "__main__":
    sys.exit(main())
