create table t as select E'a\'' -- comment ;'
  'b;' as a, 'c\'
-- ;
  'd;\' as b, n'e'
  ';' as c, x'1'
 'F' as d;
insert into t values ('x', 'y' 'z');
