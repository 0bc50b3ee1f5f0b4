create table "begin"("end" int, "atomic" int, "case" int);
create function "function"() returns bigint language sql begin atomic
 insert into "begin"("end") values (1);
 select count(*) from "begin" as "atomic" where "end" is not null and "case" is null;
end;
create table t as select "function"() as "begin";
