create table t(a int); create table u(b text);
copy t from stdin\; copy u from stdin csv;
1
2
\.
"x;"
\.
insert into u values ('end');
