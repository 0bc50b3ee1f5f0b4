create table t(a int);
begin\; insert into t values (1)\; commit;
insert into t values (2)\; select 1/0\; insert into t values (3);
insert into t values (4);
