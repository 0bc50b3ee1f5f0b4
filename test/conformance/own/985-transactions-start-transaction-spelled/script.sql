create table t(a int);
begin work; insert into t values (1); end;
start transaction read write; insert into t values (2); abort;
begin transaction; insert into t values (3); end work;
insert into t values (4);
