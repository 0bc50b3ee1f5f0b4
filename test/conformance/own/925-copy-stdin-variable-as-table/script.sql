\set tab 'my table'
\set sep ';'
create table :"tab"(a text, b text);
copy :"tab" from stdin with (delimiter :'sep');
:tab;:'sep'
:{?tab};:"tab"
\.
