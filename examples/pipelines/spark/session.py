"""What both jobs share."""

from pyspark.sql import SparkSession
from pyspark.sql import types as T

SCHEMA = T.StructType(
    [
        T.StructField("transaction_id", T.StringType()),
        T.StructField("product_id", T.StringType()),
        T.StructField("timestamp", T.TimestampType()),
        T.StructField("quantity", T.IntegerType()),
        T.StructField("unit_price", T.DecimalType(10, 2)),
        T.StructField("store_id", T.StringType()),
    ]
)

spark = (
    SparkSession.builder.config("spark.sql.session.timeZone", "UTC")
    # A few thousand rows on one machine need no more.
    .config("spark.sql.shuffle.partitions", 1)
    .config("spark.databricks.delta.snapshotPartitions", 1)
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .getOrCreate()
)


def kafka(brokers):
    """The events of sales, in batches of one day."""
    source = spark.readStream.format("kafka").option("kafka.bootstrap.servers", brokers).option("subscribe", "retail.transactions")
    return source.option("startingOffsets", "earliest").option("maxOffsetsPerTrigger", 1500).load()
