create table t(a int);
copy t from stdin binary;
1
\.
insert into t values (2);
