create table t(a int);
\if true
\ir inc.sql
\endif
create table u(a int);
