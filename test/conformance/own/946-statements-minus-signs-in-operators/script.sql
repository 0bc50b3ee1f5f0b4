create function minus(int, int) returns int language sql immutable as 'select $1 - $2';
create operator @- (leftarg = int, rightarg = int, function = minus);
create table t as select 5 @- 3 as a, 5 @-/* ; */2 as b, 5 @- --;
1 as c, 5--;'
-1 as d;
select 5 @---;
1;
