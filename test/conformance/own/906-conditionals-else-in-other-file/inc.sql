create table v(a int);
\endif
create table w(a int);
