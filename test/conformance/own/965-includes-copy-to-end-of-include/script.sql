create table t(a text);
\ir data.sql
insert into t values ('end');
copy t from stdin;
x
\.
