create table t(a text);
copy t from stdin;
one
select 1/0;
\.
copy t from stdin; select
'three';
two
\.
insert into t values ('x');
