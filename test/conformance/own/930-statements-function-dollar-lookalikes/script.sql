create table t(a text);
create function f() returns text language plpgsql as $body$
declare a$body text := '$BODY$; ';
begin
  execute $q$ insert into t values ($$;'$$ || $_1$x;$_1$ || $é$ü;$é$) $q$;
  return $Body$it's; $Body$ || '$body' || a$body;
end $body$; select f();
create function g(int, int) returns int language sql as $$select $1+$2$$; insert into t select g(1,2);
