create table t(a text);
\set dir a
\set name 'in c'
\ir :dir'/in 'c
\i :dir/'in c'
\ir :dir/:'name'
