\set q '\'a;'
\set d '$x$ b;'
create table t as select :q b' as a, :d :q $x$ as b;
insert into t values (:q:d', :'q');
