\if :nope
create table t(a int);
\else
create table u(a int);
\endif
create table v(a int);
