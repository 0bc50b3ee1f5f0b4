create table t(a int); \set x 1 \\ insert into t values (:x); \set x 2 \set y 3 \\ insert into t values (:x + :y
\set x 4
+ :x);
