create table t(a int);
begin isolation level serializable;
insert into t values (1);
