with open('script.sql', 'w') as f:
    f.write('create function f() returns int language plpgsql as $f$ begin\n')
    for i in range(6000):
        f.write("  -- it's %d; $$ /* $g$ ' begin\n" % i)
    f.write('  perform length($$%s;$$);\n' % ('x' * 100000))
    f.write('  return 1; end $f$; create table t as select f() a;\n')
