create table t(a int);
\set AUTOCOMMIT off
insert into t values (1);
commit;
insert into t values (2);
