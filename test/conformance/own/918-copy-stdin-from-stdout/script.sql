create table t(a int);
copy t from stdout;
1
\.
insert into t values (2);
