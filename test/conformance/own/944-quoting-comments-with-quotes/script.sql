create table t(a int);
/* it's " $$ ; /* $x$ ' */ ; -- */ insert into t values (1);
-- it's " $$ ; /*
insert into t values (2); --' */
insert into /* ' */ t /* " */ values /* $$ */ (3);
