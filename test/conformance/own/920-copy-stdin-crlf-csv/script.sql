create table t(a text, b text);
copy t from stdin csv header;
a,b
"x
y",z
\.
insert into t values ('end');
