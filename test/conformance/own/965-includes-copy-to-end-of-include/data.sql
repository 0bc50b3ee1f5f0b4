copy t from stdin;
one
two
