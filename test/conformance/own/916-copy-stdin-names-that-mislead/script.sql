create table "from stdin;"("stdin" int, "from" text);
create table stdin(a int);
create table program(a int);
copy "from stdin;"("from", "stdin") from stdin;
x	1
\.
copy stdin from stdin;
2
\.
copy program from stdin;
3
\.
copy public.stdin (a) from stdin where a > 3;
3
4
\.
