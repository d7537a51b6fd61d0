begin transaction;
select if(current_timestamp() < timestamp_millis(1706868000000), 1, error('the build is no longer ours'));
merge into `a-shop.shop_marts.daily_sales` as old
using (select `day`, `store_id` from `a-shop.shop_build.daily_sales` where `day` in (date '2024-02-01', date '2024-02-02')) as new on false
when not matched by source and old.`day` in (date '2024-02-01', date '2024-02-02') then delete
when not matched then insert (`day`, `store_id`) values (`day`, `store_id`);
truncate table `a-shop.shop_marts.stock_levels`;
insert into `a-shop.shop_marts.stock_levels` (`location`, `on_hand`) select `location`, `on_hand` from `a-shop.shop_build.stock_levels`;
truncate table `a-shop.shop_marts.published`;
insert into `a-shop.shop_marts.published` (history, live, job) values (1706745600, 1706864400, 'retail_1');
commit transaction;
