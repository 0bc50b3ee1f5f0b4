\set c '/* ;'
\set p '(('
\set s ';'
create table t(a int) :s
insert into t values :c ; */ (1) :s
insert into t values :p 2)) :s insert into t values (3);
