create table t(a int)\;\; ; \; -- c ;
insert into t values (1)\; /* ; */ \; insert into t values (2)\;
;
insert into t values (3)\; -- the end
