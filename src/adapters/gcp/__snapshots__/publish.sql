begin transaction;
truncate table `a-shop.shop_marts.daily_sales`;
insert into `a-shop.shop_marts.daily_sales` (`day`, `store_id`, `revenue`) select `day`, `store_id`, `revenue` from `a-shop.shop_build.daily_sales`;
truncate table `a-shop.shop_marts.stock_levels`;
insert into `a-shop.shop_marts.stock_levels` (`location`, `on_hand`) select `location`, `on_hand` from `a-shop.shop_build.stock_levels`;
truncate table `a-shop.shop_marts.published`;
insert into `a-shop.shop_marts.published` (history, live, job) values (1706745600, 1706864400, 'retail_1');
commit transaction;
