\if false
\elif 2
create table t(a int);
\elif on
create table u(a int);
\endif
