\set x 5
create table t as select :x as a;
