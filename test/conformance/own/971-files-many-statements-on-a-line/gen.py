with open('script.sql', 'w') as f:
    f.write('create table t(a int); ')
    for i in range(400):
        f.write('insert into t values (%d); ' % i)
    f.write("insert into t values (1/0); insert into t values (-1);\n")
