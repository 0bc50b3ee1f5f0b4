-- comment

insert into
t values ('x');
