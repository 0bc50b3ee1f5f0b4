create table t as select E'one\'
; still' as a, E'two\\' as b, e'three\
four;' as c, E'\\\'
;' as d;
insert into t values ('\', '\', 'x\''y', '\
');
