create table t(a int);
begin;
insert into t values (1);
savepoint s;
insert into t values (2);
insert into t values (1/0);
rollback to s;
commit;
