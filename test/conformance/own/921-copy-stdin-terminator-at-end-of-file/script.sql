create table t(a text);
copy t from stdin;
x
\.