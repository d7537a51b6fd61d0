-- What arrived since the last copy is new, however old it is. Rows and position change in one transaction, and the first copy of an id stays.
BEGIN;
WITH position AS (SELECT arrived FROM shop.copied FOR UPDATE),
arrivals AS (SELECT * FROM retail.transactions WHERE arrived > (SELECT arrived FROM position)),
moved AS (UPDATE shop.copied SET arrived = greatest(copied.arrived, (SELECT max(arrived) FROM arrivals)))
INSERT INTO shop.sales SELECT * FROM arrivals ORDER BY arrived ON CONFLICT (transaction_id) DO NOTHING;
COMMIT;
