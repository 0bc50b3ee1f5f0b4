create table t(a text);
\ir a/one.sql
insert into t values ('script');
\i a/b/two.sql
