-- copy t from stdin;
/* copy t from stdin; */
create table t as select 'copy t from stdin;' as a, $$copy t from stdin;$$ as "copy t from stdin;";
create function f() returns text language sql as 'select ''copy t from stdin;''';
create view copy as select 1 as "from", 2 as stdin;
insert into t values ('after');
