\set x 'it''s \\ a \'quote\';\n'
\set y 'a"b;'
\set z ''
create table t as select :'x' as x, :'y' as :"y", :'z' as z, length(:'x') as l;
insert into t values (:'y', :'x', ':''x''', 1);
