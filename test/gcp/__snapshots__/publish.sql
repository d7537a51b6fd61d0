begin transaction;
select if(current_timestamp() < timestamp_millis(END), 1, error('the build is no longer ours'));
merge into `test-project.shop_marts.daily_sales` as old
using (select `day`, `store_id`, `category`, `revenue`, `units`, `lines` from `test-project.shop_build.daily_sales` where `day` in (date '2024-01-21', date '2024-01-22')) as new on false
when not matched by source and old.`day` in (date '2024-01-21', date '2024-01-22') then delete
when not matched then insert (`day`, `store_id`, `category`, `revenue`, `units`, `lines`) values (`day`, `store_id`, `category`, `revenue`, `units`, `lines`);
truncate table `test-project.shop_marts.monthly_inventory`;
insert into `test-project.shop_marts.monthly_inventory` (`month`, `location`, `quantity_change`, `movements`) select `month`, `location`, `quantity_change`, `movements` from `test-project.shop_build.monthly_inventory`;
truncate table `test-project.shop_marts.monthly_product_sales`;
insert into `test-project.shop_marts.monthly_product_sales` (`month`, `location`, `state`, `product_id`, `category`, `revenue`, `units`, `lines`) select `month`, `location`, `state`, `product_id`, `category`, `revenue`, `units`, `lines` from `test-project.shop_build.monthly_product_sales`;
truncate table `test-project.shop_marts.monthly_sales`;
insert into `test-project.shop_marts.monthly_sales` (`month`, `location`, `state`, `category`, `revenue`, `units`, `lines`) select `month`, `location`, `state`, `category`, `revenue`, `units`, `lines` from `test-project.shop_build.monthly_sales`;
truncate table `test-project.shop_marts.monthly_stock`;
insert into `test-project.shop_marts.monthly_stock` (`month`, `store_id`, `category`, `stocked_items`, `on_hand`, `out_of_stock`, `quantity_change`, `movements`) select `month`, `store_id`, `category`, `stocked_items`, `on_hand`, `out_of_stock`, `quantity_change`, `movements` from `test-project.shop_build.monthly_stock`;
truncate table `test-project.shop_marts.stock_levels`;
insert into `test-project.shop_marts.stock_levels` (`location`, `state`, `category`, `stocked_items`, `on_hand`, `out_of_stock`) select `location`, `state`, `category`, `stocked_items`, `on_hand`, `out_of_stock` from `test-project.shop_build.stock_levels`;
truncate table `test-project.shop_marts.stock_on_hand`;
insert into `test-project.shop_marts.stock_on_hand` (`store_id`, `product_id`, `on_hand`, `last_moved_at`) select `store_id`, `product_id`, `on_hand`, `last_moved_at` from `test-project.shop_build.stock_on_hand`;
truncate table `test-project.shop_marts.published`;
insert into `test-project.shop_marts.published` (history, live, job) values (1705795200, 1705903200, 'JOB');
commit transaction;
