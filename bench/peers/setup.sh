#!/bin/sh
# The four scripts that cruddur replaces, as they were: drop, create, load the schema, seed, each with psql.
# usage: setup.sh PSQL URL SCHEMA SEED
set -e
database=$(echo "$2" | sed 's#.*/##; s/?.*//')
server=$(echo "$2" | sed "s#/$database#/postgres#")
"$1" -X -q "$server" -c "DROP DATABASE IF EXISTS $database;" 2>/dev/null
"$1" -X -q "$server" -c "CREATE DATABASE $database;"
"$1" -X -q "$2" -f "$3" 2>/dev/null >/dev/null
"$1" -X -q "$2" -f "$4" >/dev/null
