create table t(a text);
set escape_string_warning = off;
set standard_conforming_strings = off;
insert into t values ('\''), ('a\';b'), ('\\');
set standard_conforming_strings to on;
insert into t values ('\'); insert into t values ('\\');
insert into t values (';\');
