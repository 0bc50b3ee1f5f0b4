create table t(a int, b text);
COPY /* from program 'x'; */ t
 (b, -- b; first
  a)
FROM
/* ; */ STDIN
WITH (FORMAT CSV, NULL 'from ''x''')
; -- data follows
x;,1
from 'x',2
\.
insert into t values (3, 'end');
