-- Kafka to files: events are read as bytes, so that nothing is dropped before somebody looks at it. The first copy of an id is a row, and
-- what breaks the contract is a dead letter.
SET 'table.dml-sync' = 'true';
CREATE TABLE messages (body BYTES, arrival AS PROCTIME()) WITH (
  'connector' = 'kafka', 'topic' = 'retail.transactions', 'properties.bootstrap.servers' = 'localhost:9092', 'properties.group.id' = 'right',
  'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'raw'
);
-- Latin-1 keeps broken bytes apart: no id becomes another one by reading it.
CREATE VIEW texts AS SELECT body, arrival, DECODE(body, 'ISO-8859-1') AS text FROM messages;
CREATE VIEW events AS
SELECT *,
  COALESCE(REGEXP(transaction_id, '^T[0-9]{6}-[0-9]{4,}-[0-9]{6,}$') AND REGEXP(product_id, '^P[0-9]{5,}$')
    AND REGEXP(store_id, '^S[0-9]{4,}$') AND `timestamp` IS NOT NULL AND quantity > 0 AND unit_price >= 0, FALSE) AS is_event
FROM (
  SELECT body, arrival,
    JSON_VALUE(json, '$.transaction_id') AS transaction_id, JSON_VALUE(json, '$.product_id') AS product_id,
    TRY_CAST(REPLACE(REPLACE(JSON_VALUE(json, '$.timestamp'), 'T', ' '), 'Z', '') AS TIMESTAMP(0)) AS `timestamp`,
    TRY_CAST(JSON_VALUE(json, '$.quantity') AS INT) AS quantity,
    TRY_CAST(JSON_VALUE(json, '$.unit_price') AS DECIMAL(10, 2)) AS unit_price, JSON_VALUE(json, '$.store_id') AS store_id
  FROM (SELECT *, CASE WHEN REGEXP(text, '^[ -~]+$') AND text IS JSON OBJECT THEN text ELSE '{}' END AS json FROM texts)
);
CREATE TABLE sales (
  transaction_id STRING, product_id STRING, `timestamp` TIMESTAMP(0), quantity INT, unit_price DECIMAL(10, 2), store_id STRING
) WITH ('connector' = 'filesystem', 'path' = 'flink-right', 'format' = 'json');
CREATE TABLE dead_letters (body BYTES) WITH ('connector' = 'filesystem', 'path' = 'flink-dead', 'format' = 'json');
EXECUTE STATEMENT SET
BEGIN
INSERT INTO sales
SELECT transaction_id, product_id, `timestamp`, quantity, unit_price, store_id
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY transaction_id ORDER BY arrival) AS copy FROM events WHERE is_event)
WHERE copy = 1;
INSERT INTO dead_letters SELECT body FROM events WHERE NOT is_event;
END;
