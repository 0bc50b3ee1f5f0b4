create table t(a int);
copy t
\set x 1
from stdin;
1
\.
insert into t values (:x + 1);
