"""Reads events from files (as a Pub/Sub subscription writes them to a bucket) or Kafka, and writes Parquet or Delta, each id once.

Invalid events go to the dead-letter folder, with the reason. Late events are rows like others. The files of a batch are listed in a file with its
name, and a Delta table records its number, so an interrupted batch is written once. Set the master yourself. It is one file, because that is
what `spark-submit` and `gcloud dataproc batches submit` take.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from functools import reduce
from typing import Any
from urllib.parse import parse_qsl

from pyspark.sql import Column, DataFrame, DataFrameWriter, SparkSession, Window
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
EXTENDED = {"transactions": ["basket_id", "customer_id"], "inventories": ["movement_type", "reference_id"]}
# Columns that a valid event may leave empty.
OPTIONAL = {"customer_id"}
# No row gets these: they only make Spark write columns that cannot be null.
NEVER = {"string": "''", "timestamp": "timestamp'1970-01-01'", "int": "0", "decimal(10,2)": "cast(0 as decimal(10,2))"}


def main() -> int:
    flags = parse_flags()
    spark = session(flags.format)
    if flags.source == "files" and not exists(spark, flags.input):
        return failed(f"{flags.input} does not exist", "name a folder of events with --input")

    out, dead, checkpoint = f"{flags.out}/{flags.table}", f"{flags.dead_letter}/{flags.table}", f"{flags.checkpoint}/{flags.table}"
    other = "parquet" if flags.format == "delta" else "delta"
    for folder in (out, dead):
        if filled(spark, folder, other):
            return failed(f"{folder} has rows as {other}", f"name another folder, or add --format {other}")
    if flags.format == "parquet" and (left := unfinished(spark, out, checkpoint)):
        return failed(
            f"{out} has a batch that a run with another checkpoint left unfinished",
            f"finish it with that --checkpoint, or remove {out}/day=*/batch={left}",
        )

    def write(batch: DataFrame, number: int) -> None:
        # Each checkpoint numbers its batches from 0, so its id is part of the name: a new checkpoint never overwrites the rows of an old one.
        run = run_of(batch.sparkSession, checkpoint)
        batch = batch.withColumn("line", F.monotonically_increasing_id()).persist()
        bad = batch.where("reason <> ''").select(F.col("raw").cast("binary").alias("raw"), "reason").coalesce(1)
        if flags.format == "delta":
            keep_in_delta(batch, run, number, out, flags)
            once(bad, run, number).save(dead)
        else:
            keep(batch, f"{run}-{number}", out, flags)
            bad.write.mode("overwrite").parquet(f"{dead}/batch={run}-{number}")
        batch.unpersist()

    stream = judged(source(spark, flags), flags).writeStream.foreachBatch(write).option("checkpointLocation", checkpoint)
    (stream if flags.follow else stream.trigger(availableNow=True)).start().awaitTermination()

    # Spark's progress covers only the latest batches of this process, so the files are counted.
    rows, letters = count(spark, out, flags.format), count(spark, dead, flags.format)
    print(json.dumps({"table": flags.table, "rows": rows, "dead": letters}))
    spark.stop()
    if rows + letters == 0:
        return failed(f"there are no events in {flags.input}", "name a folder of events, or a topic, with --input")
    return 0


def session(form: str) -> SparkSession:
    # Instants as BigQuery and other readers take them; Spark's default is an obsolete form of 96 bits.
    builder = SparkSession.builder.appName("retail-ingest").config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    if form == "delta":
        builder = builder.config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        builder = builder.config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    spark = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    if not spark.sparkContext.getConf().contains("spark.sql.shuffle.partitions"):
        # Spark's default of 200 would write 200 files per batch.
        spark.conf.set("spark.sql.shuffle.partitions", spark.sparkContext.defaultParallelism)
    return spark


def keep(batch: DataFrame, name: str, out: str, flags: argparse.Namespace) -> None:
    """Writes the valid events of a batch whose ids are new, and then the list of its files, which readers may rely on.

    The day in an id selects the folder with the ids that are already known, so only the days of this batch are read.
    """
    spark, listed = batch.sparkSession, f"{out}/_batches/{name}.json"
    if exists(spark, listed):
        return
    events, days = first_copies(batch, flags)
    # A killed run may leave the folder of a day empty.
    known = [folder for folder in (f"{out}/day={day}" for day in days) if exists(spark, f"{folder}/batch=*")]
    new = events
    if known:
        # What an interrupted run of this batch has written is replaced.
        ids = spark.read.option("basePath", out).parquet(*known).where(F.col("batch") != name)
        new = unknown(events, ids, flags)
    # A valid event has every column, and a table of BigQuery takes no column that might be missing.
    required = [
        F.col(column) if column in OPTIONAL else F.expr(f"coalesce({column}, {NEVER[kind]})").alias(column)
        for column, kind, _ in columns_of(flags)
    ]
    rows = new.select(*required, "day", F.lit(name).alias("batch")).repartition("day")
    rows.write.partitionBy("day", "batch").mode("overwrite").option("partitionOverwriteMode", "dynamic").parquet(out)
    files = found(spark, f"{out}/day=*/batch={name}/*.parquet")
    written = spark.read.parquet(*files).count() if files else 0
    put(spark, listed, {"rows": written, "files": [file[file.rindex("/day=") + 1 :] for file in files]})
    events.unpersist()


def unfinished(spark: SparkSession, out: str, checkpoint: str) -> str | None:
    """The name of a batch that a run with another checkpoint began to write and never listed.

    Its ids count as known, so no other run would write its events again, and no list would ever name them.
    """
    listed = {file.rpartition("/")[2].removesuffix(".json") for file in found(spark, f"{out}/_batches/*.json")}
    written = {folder.rpartition("/batch=")[2] for folder in found(spark, f"{out}/day=*/batch=*")}
    # Spark repeats the last batch of this checkpoint, if it is not finished.
    own = run_of(spark, checkpoint) if exists(spark, f"{checkpoint}/metadata") else "none"
    return min((name for name in written - listed if not name.startswith(f"{own}-")), default=None)


def run_of(spark: SparkSession, checkpoint: str) -> str:
    return json.loads(spark.read.text(f"{checkpoint}/metadata").first()[0])["id"]


def keep_in_delta(batch: DataFrame, run: str, number: int, out: str, flags: argparse.Namespace) -> None:
    spark = batch.sparkSession
    events, days = first_copies(batch, flags)
    new = events
    if filled(spark, out, "delta"):
        new = unknown(events, spark.read.format("delta").load(out).where(F.col("day").isin(days)), flags)
    once(new.repartition("day"), run, number).partitionBy("day").save(out)
    events.unpersist()


def once(rows: DataFrame, run: str, number: int) -> DataFrameWriter:
    """Delta records the number of a batch with its rows, and ignores a batch that comes again."""
    return rows.write.format("delta").mode("append").option("txnAppId", run).option("txnVersion", number)


def first_copies(batch: DataFrame, flags: argparse.Namespace) -> tuple[DataFrame, list[str]]:
    """The valid events of a batch with their days, and these days. The first copy of an event wins, however late another one comes."""
    key = FACTS[flags.table][0][0]
    first = Window.partitionBy(key).orderBy("arrival", "line")
    events = batch.where("reason = ''").select("event.*", "arrival", "line")
    events = events.withColumn("copy", F.row_number().over(first)).where("copy = 1").drop("arrival", "line", "copy")
    events = events.withColumn("day", F.expr(f"concat('20', substr({key}, 2, 2), '-', substr({key}, 4, 2), '-', substr({key}, 6, 2))"))
    events = events.persist()
    return events, [row.day for row in events.select("day").distinct().collect()]


def unknown(events: DataFrame, known: DataFrame, flags: argparse.Namespace) -> DataFrame:
    key = FACTS[flags.table][0][0]
    return events.join(known.select(key), key, "left_anti").select(*events.columns)


def exists(spark: SparkSession, name: str) -> bool:
    """`name` may be a pattern."""
    return bool(found(spark, name))


def found(spark: SparkSession, pattern: str) -> list[str]:
    path, system = hadoop_path(spark, pattern)
    return [each.getPath().toString() for each in system.globStatus(path) or []]


def put(spark: SparkSession, name: str, value: object) -> None:
    """Writes a JSON file that appears whole."""
    (path, system), (draft, _) = hadoop_path(spark, name), hadoop_path(spark, f"{name}.tmp")
    stream = system.create(draft, True)
    stream.write(json.dumps(value).encode())
    stream.close()
    if not system.rename(draft, path):
        raise OSError(f"cannot write {name}")


def hadoop_path(spark: SparkSession, name: str) -> tuple[Any, Any]:
    """A path, and the file system that it is in."""
    path = spark._jvm.org.apache.hadoop.fs.Path(name)
    return path, path.getFileSystem(spark._jsc.hadoopConfiguration())


def filled(spark: SparkSession, folder: str, form: str) -> bool:
    # Rows as Parquet are in day=…/batch=…, invalid events in batch=…
    return exists(spark, f"{folder}/_delta_log/*.json" if form == "delta" else f"{folder}/{{day=*/batch=*,batch=*}}/*.parquet")


def count(spark: SparkSession, folder: str, form: str) -> int:
    return spark.read.format(form).load(folder).count() if filled(spark, folder, form) else 0


def failed(what: str, hint: str) -> int:
    print(f"error: {what}\n  {hint}", file=sys.stderr)
    return 3


def source(spark: SparkSession, flags: argparse.Namespace) -> DataFrame:
    """`raw`, the event as received, and `arrival`, the order of arrival as far as the source knows it."""
    if flags.source == "kafka":
        return (
            spark.readStream.format("kafka")
            .options(**kafka_options(flags.brokers, os.environ))
            .option("subscribe", flags.input)
            .option("startingOffsets", "earliest")
            .option("failOnDataLoss", "true")
            .load()
            .select(F.col("value").cast("string").alias("raw"), F.struct("partition", "offset").alias("arrival"))
        )
    files = spark.readStream.format("text").option("maxFilesPerTrigger", flags.files_per_batch)
    file = F.struct("_metadata.file_modification_time", "_metadata.file_path")
    return files.option("recursiveFileLookup", "true").load(flags.input).select(F.col("value").alias("raw"), file.alias("arrival"))


PLAIN_LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule"
BEARER_LOGIN = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
# From com.google.cloud.hosted.kafka:managed-kafka-auth-login-handler, with Google's default credentials.
GOOGLE_HANDLER = "com.google.cloud.hosted.kafka.auth.GcpLoginCallbackHandler"
LOGINS = {"plain": PLAIN_LOGIN, "scram-sha-256": SCRAM_LOGIN, "scram-sha-512": SCRAM_LOGIN, "google": BEARER_LOGIN}
# They say how to write.
WRITERS = {"prefix", "partitions", "replicas", "exactly_once", "registry"}


def kafka_options(brokers: str, env: Mapping[str, str]) -> dict[str, str]:
    """What Spark needs for `HOST:PORT,…`, or for the address of `retail stream --to`: `kafka://HOST:PORT,…?sasl=google`.

    Raises ValueError if the address is wrong, or secrets are missing.
    """
    place, _, query = brokers.removeprefix("kafka://").partition("?")
    said = dict(parse_qsl(query))
    unknown = set(said) - WRITERS - {"tls", "ca", "sasl", "credentials", "format"}
    if unknown:
        raise ValueError(f"--brokers has no option {min(unknown)}")
    if said.get("format", "json") != "json":
        raise ValueError("this job reads JSON, not Avro")
    servers = ",".join(broker if ":" in broker else f"{broker}:9092" for broker in place.rstrip("/").split(","))
    # Events that were sent with --exactly-once count when they are committed.
    options = {"kafka.bootstrap.servers": servers, "kafka.isolation.level": "read_committed"}
    sasl = said.get("sasl")
    tls = said.get("tls", "true" if "ca" in said or sasl == "google" else "false") == "true"
    if tls or sasl:
        options["kafka.security.protocol"] = ("SASL_" if sasl else "") + ("SSL" if tls else "PLAINTEXT")
    if "ca" in said:
        with open(said["ca"]) as file:
            options |= {"kafka.ssl.truststore.type": "PEM", "kafka.ssl.truststore.certificates": file.read()}
    if sasl is None:
        return options
    if sasl not in LOGINS:
        raise ValueError(f"sasl={sasl}: expected {', '.join(LOGINS)}")
    login = f"{LOGINS[sasl]} required"
    if sasl == "google":
        options["kafka.sasl.login.callback.handler.class"] = GOOGLE_HANDLER
    else:
        user, password = secrets(said.get("credentials"), env)
        login += f" username={quoted(user)} password={quoted(password)}"
    mechanism = "OAUTHBEARER" if sasl == "google" else sasl.upper()
    return options | {"kafka.sasl.mechanism": mechanism, "kafka.sasl.jaas.config": f"{login};"}


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def secrets(file: str | None, env: Mapping[str, str]) -> tuple[str, str]:
    if file is None:
        found = {"username": env.get("RETAIL_KAFKA_USERNAME"), "password": env.get("RETAIL_KAFKA_PASSWORD")}
    else:
        with open(file) as content:
            found = json.load(content)
    if not found.get("username") or not found.get("password"):
        raise ValueError("there are no credentials: set RETAIL_KAFKA_USERNAME and RETAIL_KAFKA_PASSWORD, or add credentials=FILE")
    return found["username"], found["password"]


def columns_of(flags: argparse.Namespace) -> list[tuple[str, str, str]]:
    return FACTS[flags.table] + ([(name, "string", "true") for name in EXTENDED[flags.table]] if flags.extended else [])


def judged(raw: DataFrame, flags: argparse.Namespace) -> DataFrame:
    """`event`, typed, and `reason`, which is empty for a valid event."""
    columns = columns_of(flags)
    text = T.StructType([T.StructField(name, T.StringType()) for name, _, _ in columns])
    parsed = raw.withColumn("said", F.from_json("raw", text))
    typed = [F.expr(cast(f"said.`{name}`", kind)).alias(name) for name, kind, _ in columns]
    parsed = parsed.withColumn("event", F.struct(*typed))

    def wrong(name: str, kind: str, rule: str) -> Column:
        at = f"event.`{name}`"
        absent = F.lit(None).cast("string") if name in OPTIONAL else F.lit(f"{name} is missing")
        missing = F.when(F.col(f"said.{name}").isNull(), absent)
        unread = missing.when(F.col(f"event.{name}").isNull(), F.lit(f"{name} is no {kind}"))
        return unread.when(~F.expr(rule.format(at)), F.lit(f"{name} is out of range"))

    reasons = F.concat_ws(", ", *[wrong(*column) for column in columns])
    not_json = reduce(lambda a, b: a & b, [F.col(f"said.{name}").isNull() for name, _, _ in columns])
    return parsed.withColumn("reason", F.when(not_json, F.lit("not an event in JSON")).otherwise(reasons))


def cast(text: str, kind: str) -> str:
    """A whole number may be written with decimals: 3.0."""
    if kind != "int":
        return f"try_cast({text} as {kind})"
    number = f"try_cast({text} as decimal(30,9))"
    return f"if({number} = floor({number}), try_cast({number} as int), null)"


def parse_flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", choices=sorted(FACTS), required=True)
    parser.add_argument("--source", choices=["files", "kafka"], default="files")
    parser.add_argument("--input", required=True, help="folder or pattern of NDJSON files (gs://… too), or the topic")
    parser.add_argument("--brokers", help="kafka: host:port, …, or an address as of retail stream --to: kafka://host:port?sasl=google")
    parser.add_argument("--out", required=True, help="folder for the rows")
    parser.add_argument("--format", choices=["parquet", "delta"], default="parquet", help="of the rows and of invalid events")
    parser.add_argument("--checkpoint", required=True, help="folder for the checkpoint")
    parser.add_argument("--dead-letter", required=True, help="folder for invalid events")
    parser.add_argument("--files-per-batch", type=int, default=50)
    parser.add_argument("--extended", action="store_true", help="world.schema: extended")
    parser.add_argument("--follow", action="store_true", help="run until stopped (default: stop after reading all existing events)")
    flags = parser.parse_args()
    if flags.source == "kafka" and not flags.brokers:
        parser.error("--source kafka needs --brokers")
    if flags.source == "kafka":
        try:
            kafka_options(flags.brokers, os.environ)
        except (ValueError, OSError) as error:
            parser.error(str(error))
    return flags


if __name__ == "__main__":
    sys.exit(main())
