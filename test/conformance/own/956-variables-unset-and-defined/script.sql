\set x 1
create table t as select :{?x} as a, :{?y} as b, ':{?x}' as c;
\unset x
insert into t values (:{?x}, :{?y}, $$:{?x}$$);
\unset never_set
\set x
insert into t values (:{?x}, :'x' = '', 'end');
insert into t values (:x, true, 'x');
