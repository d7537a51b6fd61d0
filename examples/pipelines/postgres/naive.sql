-- What is newer than the newest row is new. A row that comes late is never newer, so it is lost.
INSERT INTO shop.naive_sales
SELECT * FROM retail.transactions
WHERE "timestamp" > (SELECT coalesce(max("timestamp"), '-infinity') FROM shop.naive_sales);
