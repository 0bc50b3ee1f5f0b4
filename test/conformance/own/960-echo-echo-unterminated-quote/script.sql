create table t(a int);
\echo it's not closed
\qecho 'nor this
insert into t values (1);
