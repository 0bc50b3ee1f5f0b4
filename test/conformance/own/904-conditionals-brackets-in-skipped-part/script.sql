create table t as select '\if false' as a,
\if true
 (1
 + 1) as b
\else
 ((2 as "c
\endif
" )
\endif
;
insert into t values ('x', 5);
