create table t(a int);
\ir a/one.sql
