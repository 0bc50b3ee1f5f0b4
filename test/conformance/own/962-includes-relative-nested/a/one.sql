insert into t values ('one');
\ir b/two.sql
\ir ../c/three.sql
\i c/three.sql
