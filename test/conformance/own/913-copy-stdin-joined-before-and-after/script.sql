create table t(a int);
insert into t values (1)\;
copy t from stdin\;
insert into t select max(a) + 1 from t;
2
3
\.
insert into t values (9);
