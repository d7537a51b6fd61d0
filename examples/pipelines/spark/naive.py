"""Kafka to Delta as tutorials show it: a watermark, `dropDuplicates` on every column, and `from_json`, which makes NULLs of what it cannot read."""

import sys

from pyspark.sql import functions as F

from session import SCHEMA, kafka, spark

brokers, out, checkpoint = sys.argv[1:]
events = kafka(brokers).select(F.from_json(F.col("value").cast("string"), SCHEMA).alias("event")).select("event.*")
rows = events.withWatermark("timestamp", "2 hours").dropDuplicates()
query = rows.writeStream.format("delta").option("checkpointLocation", checkpoint).trigger(availableNow=True).start(out)
query.awaitTermination()
spark.stop()
