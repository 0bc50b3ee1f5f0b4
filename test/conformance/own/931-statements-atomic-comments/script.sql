create /* a ; begin */ or -- b ; begin
replace /* function c ; */ function /* ; */ f() returns int language sql
-- begin
begin -- d ; end
 /* e ; end */ atomic
  select 1;
  -- end ;
  select 2; /* end ; */
end /* ; */ ; create table t as select f() a;
