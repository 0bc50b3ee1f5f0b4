\set lo 2
\set hi 3
\set int4 9
create table t as select
 (array[1,2,3,4])[:lo: :hi] as a, (array[1,2,3,4])[:lo::int:4] as b, ':lo' as c, $$:lo$$ as d, $x$:'lo'$x$ as e,
 '5'::int4 as f, '6' ::int4 as g, :lo::text as h, e':lo\':hi' as i, ":lo" as j /* :lo */ -- :lo
from (select 1 as ":lo") q;
