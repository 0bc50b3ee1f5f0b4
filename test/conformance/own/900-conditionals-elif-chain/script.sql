\set one 1
\if off
create table t0(a int);
  \if true
  create table t1(a int);
  \elif true
  create table t2(a int);
  \else
  create table t3(a int);
  \endif
\elif f
create table t4(a int);
\elif :one
  \if no
  create table t5(a int);
  \elif FALSE
  create table t6(a int);
  \elif tr
    \if true \\ create table t7(a int); \else \\ create table t8(a int); \endif
  create table t9(a int);
  \elif true
  create table t10(a int);
  \else
  create table t11(a int);
  \endif
\elif true
create table t12(a int);
\else
create table t13(a int);
\endif
create table t14(a int);
