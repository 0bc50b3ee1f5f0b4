create table t(a int);
create procedure p(x int) language sql begin atomic
 insert into t values (x);
 insert into t values (x + 1);
end;
call p(1);
create or replace procedure p(x int) begin atomic insert into t values (case x when 3 then 30 end); end; call p(3);
