create table t(a text);
\if yes
copy t from stdin;
\else
\endif
\nothing
\.
\else
insert into t values ('skipped');
\endif
insert into t values ('end');
