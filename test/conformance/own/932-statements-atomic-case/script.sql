create function f(x int) returns text language sql begin atomic
  select case x when 1 then case when true then 'a;' else 'b' end else 'c' end as "end";
  select case when x > 1 then 'd;' else (case when x = 1 then 'e' end) end as "begin";
end; create table t as select f(1) a, f(2) b, case when true then 1 end as c;
insert into t values ('x', 'y', 3);
