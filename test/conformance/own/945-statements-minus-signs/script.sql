create table t as select 5--3;
 + 1 as a, 5 - - 3 as b, 2*/* ; */-3 as c, 7/-1 as d, 1<-1 as e, @-- ; c
 -4 as f;
