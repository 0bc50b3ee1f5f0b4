\set p_c old
select 1 as a, 'it''s' as "Bc", null as c, '' as d \gset p_
\echo :p_a :{?p_c} :{?p_d} :p_d. :p_Bc :{?p_bc}
create table t as select :p_a as a, :{?p_c} as c, :'p_d' as d;
select a + 1 as a from t \gset
insert into t values (:a, :{?a}, :'p_a');
