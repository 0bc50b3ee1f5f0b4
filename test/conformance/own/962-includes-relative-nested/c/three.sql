insert into t values ('three');
