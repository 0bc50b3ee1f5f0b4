insert into t values (1);
\ir ../c/three.sql
