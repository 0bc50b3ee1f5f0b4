\if true
create table t(a int);
\elif :nope
create table u(a int);
\elif :{?nope}
create table v(a int);
\endif
\if :{?nope}
create table w(a int);
\else
create table x(a int);
\endif
