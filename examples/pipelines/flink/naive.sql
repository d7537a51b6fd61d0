-- Kafka to files: a watermark of two hours, and repeats removed within windows of an hour. Windows drop what comes behind the watermark,
-- and the format drops what it cannot read; both without a word.
SET 'table.dml-sync' = 'true';
CREATE TABLE events (
  transaction_id STRING, product_id STRING, `timestamp` TIMESTAMP_LTZ(0), quantity INT, unit_price DECIMAL(10, 2), store_id STRING,
  -- A time that is NULL would end the job.
  event_time AS COALESCE(`timestamp`, TO_TIMESTAMP_LTZ(0, 0)),
  WATERMARK FOR event_time AS event_time - INTERVAL '2' HOUR
) WITH (
  'connector' = 'kafka', 'topic' = 'retail.transactions', 'properties.bootstrap.servers' = 'localhost:9092', 'properties.group.id' = 'naive',
  'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset',
  'scan.watermark.emit.strategy' = 'on-event', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601',
  'json.ignore-parse-errors' = 'true'
);
CREATE TABLE sales (
  transaction_id STRING, product_id STRING, `timestamp` TIMESTAMP_LTZ(0), quantity INT, unit_price DECIMAL(10, 2), store_id STRING
) WITH ('connector' = 'filesystem', 'path' = 'flink-naive', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601');
INSERT INTO sales
SELECT transaction_id, product_id, `timestamp`, quantity, unit_price, store_id
FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(event_time), INTERVAL '1' HOUR))
GROUP BY window_start, window_end, transaction_id, product_id, `timestamp`, quantity, unit_price, store_id;
