#!/bin/sh
# As in the real image it takes the handler's name and nothing else: a command that forgets --entrypoint fails here as well.
if [ $# -ne 1 ]; then
  echo "entrypoint requires the handler name to be the first argument" 1>&2
  exit 142
fi
export _HANDLER="$1"
exec /var/runtime/bootstrap
