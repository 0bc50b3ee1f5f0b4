\set ON_ERROR_STOP off
create table t(a int);
\set ON_ERROR_STOP
insert into t values (1);
\unset ON_ERROR_STOP
insert into t values (2);
\set ON_ERROR_STOP on
insert into nowhere values (3);
insert into t values (4);
