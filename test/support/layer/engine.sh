#!/usr/bin/env bash
# A Docker engine for the tests, on Debian and as root: installs it where there is none, starts it where none answers, and lets
# the kernel run programs of the other architecture. What is there already is left as it is; the second run has nothing to do.
#   test/support/layer/engine.sh
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

LOG=/var/log/cruddur-dockerd.log
BINFMT=/proc/sys/fs/binfmt_misc
case $(uname -m) in x86_64) other=aarch64 ;; *) other=x86_64 ;; esac

needed=()
docker version >/dev/null 2>&1 || command -v dockerd >/dev/null || needed+=(docker.io)
[ -e "$BINFMT/qemu-$other" ] || [ -e "/usr/bin/qemu-$other-static" ] || needed+=(qemu-user-static binfmt-support)
# What the stand-ins are made with.
command -v unzip >/dev/null || needed+=(unzip)
if [ ${#needed[@]} -gt 0 ]; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${needed[@]}"
fi

if [ ! -e "$BINFMT/qemu-$other" ]; then
  [ -e "$BINFMT/register" ] || mount -t binfmt_misc binfmt_misc "$BINFMT"
  # Debian registers them with the flag F: the kernel keeps the interpreter open, so containers need no qemu of their own.
  update-binfmts --enable "qemu-$other"
fi

if ! docker version >/dev/null 2>&1; then
  # In a session of its own: it goes on when this script and the terminal are gone.
  setsid nohup dockerd >"$LOG" 2>&1 </dev/null &
  daemon=$!
  disown
  for _ in $(seq 300); do
    docker version >/dev/null 2>&1 && break
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.2
  done
  if ! docker version >/dev/null 2>&1; then
    tail -20 "$LOG" >&2
    echo 'The Docker engine did not start.' >&2
    exit 1
  fi
  echo "Docker engine started (pid $daemon, log $LOG)"
fi
