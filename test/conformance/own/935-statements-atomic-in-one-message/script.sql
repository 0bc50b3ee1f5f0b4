create table t(a int);
create function f() returns int language sql begin atomic select 1; select 2; end\; insert into t select f()\;
insert into t values (3);
insert into t values (4);
