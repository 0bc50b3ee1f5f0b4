#!/bin/sh
# The same with dbmate: drop, create, load.
# usage: dbmate.sh DBMATE URL SCRIPT
set -e
"$1" --url "$2" drop >/dev/null
"$1" --url "$2" create >/dev/null
"$1" --url "$2" --schema-file "$3" load >/dev/null
