create table t(a int);
insert into t
\echo between 'a;b' ';' :{?x}
values (1) \echo again
, (2);
\warn to the other stream
