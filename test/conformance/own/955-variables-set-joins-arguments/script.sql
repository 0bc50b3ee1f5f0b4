\set a x 'y z' "w"
\set b :a :a '-' :'a'
\set c 1 2 3
\set d
create table t as select :'a' as a, :'b' as b, :c as c, :'d' as d, :{?d} as e;
