create table t(a int);
insert into t values (0)\; copy t from stdin; insert into t values (10);
1
2
\.
insert into t values (11);
