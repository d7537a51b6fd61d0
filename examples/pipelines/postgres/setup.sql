-- Two copies of the stream's table. The stream adds rows by COPY with named columns, so a column of ours numbers them as they arrive.
ALTER TABLE retail.transactions ADD COLUMN arrived bigint GENERATED ALWAYS AS IDENTITY;
CREATE SCHEMA shop;
CREATE TABLE shop.naive_sales AS SELECT * FROM retail.transactions WHERE false;
CREATE TABLE shop.sales (LIKE shop.naive_sales, PRIMARY KEY (transaction_id));
CREATE TABLE shop.copied (arrived bigint NOT NULL);
INSERT INTO shop.copied VALUES (0);
