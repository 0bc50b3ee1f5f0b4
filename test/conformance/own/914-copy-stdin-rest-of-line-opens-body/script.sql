create table t(a int);
copy t from stdin; do $$ /* the data comes first
1
\.
then the rest */ begin insert into t values (2); end $$;
insert into t values (3);
