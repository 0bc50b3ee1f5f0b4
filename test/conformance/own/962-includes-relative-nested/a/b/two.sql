insert into t values ('two');
\ir ../../c/three.sql
