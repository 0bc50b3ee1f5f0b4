create table t(a text);
\i statement.sql
\i comment.sql
\ir command.sql
insert into t values (:'x');
\ir unfinished.sql
insert into t values ('end');
