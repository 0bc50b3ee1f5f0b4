create table begin(a int); insert into begin values (1);
create view v as select a as begin from begin; insert into begin values (2);
create table t as select begin from v; insert into t values (3);
drop function if exists begin(); insert into t values (4);
alter table begin rename to ende; insert into t values (5);
