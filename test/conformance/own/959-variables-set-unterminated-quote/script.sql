create table t(a text);
\set x 'abc
\set y 'it''s'
insert into t values (:'y'), (':x');
