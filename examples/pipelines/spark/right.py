"""Kafka to Delta with every event once: what breaks the contract goes to a table of dead letters, and MERGE keeps the first copy of an id."""

import os
import sys

from pyspark.sql import Window
from pyspark.sql import functions as F

from session import SCHEMA, kafka, spark

brokers, out, dead, checkpoint = sys.argv[1:]
# SQL takes a path for a table only if it is a whole one.
out = os.path.abspath(out)
BATCH = "retail-right"
VALID = r"""
    transaction_id rlike '^T[0-9]{6}-[0-9]{4,}-[0-9]{6,}$' and product_id rlike '^P[0-9]{5,}$' and store_id rlike '^S[0-9]{4,}$'
    and timestamp is not null and quantity > 0 and unit_price >= 0
"""

spark.createDataFrame([], SCHEMA).write.format("delta").mode("ignore").save(out)


def write(batch, number):
    # Latin-1 keeps broken bytes apart, so that no id becomes another one by reading it.
    text = F.decode("value", "ISO-8859-1")
    event = F.when(~text.rlike(r"[^ -~]"), F.from_json(text, SCHEMA)).alias("event")
    events = batch.select("value", "offset", event).select("value", "offset", "event.*")
    events = events.withColumn("valid", F.coalesce(F.expr(VALID), F.lit(False))).persist()
    # A batch that was interrupted comes again with its number, and Delta ignores what it has of it.
    letters = events.where("not valid").select("value")
    letters.write.format("delta").mode("append").option("txnAppId", BATCH).option("txnVersion", number).save(dead)
    # Events of a store are in one partition, so offsets show which copy came first.
    first = Window.partitionBy("transaction_id").orderBy("offset")
    rows = events.where("valid").withColumn("copy", F.row_number().over(first)).where("copy = 1").select(*SCHEMA.names)
    rows.createOrReplaceTempView("new")
    merge = f"MERGE INTO delta.`{out}` AS known USING new ON known.transaction_id = new.transaction_id WHEN NOT MATCHED THEN INSERT *"
    batch.sparkSession.sql(merge)
    events.unpersist()


query = kafka(brokers).writeStream.foreachBatch(write).option("checkpointLocation", checkpoint).trigger(availableNow=True)
query.start().awaitTermination()
spark.stop()
