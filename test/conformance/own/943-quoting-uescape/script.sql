create table t as select U&'d!0061t!+000061;'
 UESCAPE
 -- ; '
 '!' as a, u&'x\\' as b, U&"c!0031;" uescape '!' as "d;"
from (select 1 as "c1;") q;
