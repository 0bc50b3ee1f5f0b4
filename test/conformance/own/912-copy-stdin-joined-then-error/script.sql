create table t(a int);
copy t from stdin\; select 1/0\; insert into t values (5);
1
\.
insert into t values (6);
