create table t(a text);
copy t from stdin;
\.
copy t from stdin csv;
\.
copy t from stdin csv header;
a
\.
insert into t values ('end');
copy t from stdin;
