create table t(a text);
copy t from stdin;
x
y
\.
insert into t values ('end');
