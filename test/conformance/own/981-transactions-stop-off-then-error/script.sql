create table t(a int);
\set ON_ERROR_STOP 0
insert into nowhere values (1);
\set ON_ERROR_STOP 1
insert into t values (2);
insert into t values ('x');
insert into t values (3);
