create table t as select ':nope' as a;
insert into t
values (:nope);
