#!/usr/bin/env bash
# Makes what is in a stand-in for a Lambda base image, from Debian's packages alone: no registry, no debootstrap, no
# maintainer script, no emulation.
#   make-root.sh PYTHON ARCH WORK PART...
# PYTHON is 3.11 (from bookworm) or 3.13 (trixie), ARCH amd64 or arm64 as Debian calls them, WORK a folder PYTHON-ARCH beside that of the
# other architecture. Leaves of each part in WORK its layer, PART.tar.gz, and the SHA-256 of what that unpacks to, PART.sha256:
#   base   the runtime's image
#   build  what the build image has besides: a compiler and Python's headers
set -euo pipefail
export LC_ALL=C
python=$1 arch=$2 work=$3
shift 3
here=$(dirname "$(readlink -f "$0")")
case $python in
  3.11) suite=bookworm ;;
  3.13) suite=trixie ;;
  *) echo "no Debian release has Python $python" >&2; exit 1 ;;
esac
case $arch in amd64) triplet=x86_64-linux-gnu ;; *) triplet=aarch64-linux-gnu ;; esac

# ---- packages: an apt of its own, so that the machine's architectures and sources stay as they are ----
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | sort -u | head -1)
mirror=${mirror:-http://deb.debian.org/debian}
apt=$work/apt
mkdir -p "$apt"/{state/lists/partial,base/partial,build/partial,etc/apt.conf.d,etc/preferences.d,etc/sources.list.d}
: >"$apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/etc/sources.list"
cat >"$apt/apt.conf" <<CONF
Dir::Etc "$apt/etc";
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::archives "base";
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::PDiffs "false";
CONF
export APT_CONFIG=$apt/apt.conf
apt-get -qq update
wanted=("python$python" python3-pip-whl dash bash coreutils base-files libc-bin ca-certificates)
apt-get -qq -y install --download-only "${wanted[@]}" >/dev/null
cp -l "$apt"/base/*.deb "$apt/build/"
[[ " $* " != *' build '* ]] || apt-get -qq -y -o Dir::Cache::archives=build install --download-only "${wanted[@]}" gcc libc6-dev "libpython$python-dev" >/dev/null

# ---- unpacking ----
skeleton() { # root : the folders that are links since Debian merged /usr
  mkdir -p "$1"/usr/{bin,sbin,lib,lib64}
  local folder
  for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$1/$folder"; done
}
unpack() { # root deb...
  local root=$1 deb
  shift
  for deb; do
    case ${deb##*/} in
      # Come along by their dependencies, and nothing here runs them.
      dpkg_* | tar_* | perl* | debconf_* | openssl_* | init-system-helpers* | debianutils*) continue ;;
    esac
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --keep-directory-symlink --no-same-owner \
      --exclude='./usr/share/doc*' --exclude='./usr/share/man*' --exclude='./usr/share/locale*' --exclude='./usr/share/info*' \
      --exclude='./usr/share/lintian*' --exclude='*/EXTERNALLY-MANAGED' --exclude='./usr/lib/*/gconv*' --exclude='./usr/share/zoneinfo*'
  done
}
base=$work/base build=$work/build
skeleton "$base"
unpack "$base" "$apt"/base/*.deb
skeleton "$build"
more=()
for deb in "$apt"/build/*.deb; do [ -e "$apt/base/${deb##*/}" ] || more+=("$deb"); done
unpack "$build" "${more[@]}"

# ---- what maintainer scripts would have left ----
ln -sf dash "$base/usr/bin/sh"
mkdir -p "$base"/{etc/ssl/certs,tmp,proc,sys,dev,run,root,opt,var/task,var/runtime,var/lang/bin,var/tmp}
chmod 1777 "$base/tmp" "$base/var/tmp"
printf 'root:x:0:0:root:/root:/bin/bash\nsbx_user1051:x:993:990::/home/sbx_user1051:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n' >"$base/etc/passwd"
printf 'root:x:0:\nsbx_user1051:x:990:\nnobody:x:65534:\n' >"$base/etc/group"
# The public roots only, as in the real image: what this machine trusts besides has to be handed in.
cat "$base"/usr/share/ca-certificates/mozilla/*.crt >"$base/etc/ssl/certs/ca-certificates.crt"
rm -r "$base/usr/share/ca-certificates"
for compiler in "$build/usr/bin/$triplet-gcc-"[0-9]*; do
  for name in cc gcc; do [ ! -e "$compiler" ] || ln -sf "${compiler##*/}" "$build/usr/bin/$name"; done
done

# ---- where Lambda's images have Python and the runtime ----
site=$base/var/lang/lib/python$python/site-packages
mkdir -p "$site" "$base/usr/lib/python3/dist-packages"
unzip -q -o "$base"/usr/share/python-wheels/pip-*.whl -d "$site"
rm -rf "$base/usr/share/python-wheels"
echo "/var/lang/lib/python$python/site-packages" >"$base/usr/lib/python3/dist-packages/lambda.pth"
for name in python3 python "python$python"; do ln -sf "/usr/bin/python$python" "$base/var/lang/bin/$name"; done
for name in pip pip3; do
  printf '#!/var/lang/bin/python3\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n' >"$base/var/lang/bin/$name"
  chmod 755 "$base/var/lang/bin/$name"
done
install -m 755 "$here/lambda-entrypoint.sh" "$base/lambda-entrypoint.sh"
install -m 755 "$here/bootstrap.py" "$base/var/runtime/bootstrap"

# ---- byte code: without it an emulated Python compiles its library at every start ----
# Made by this machine's own kind of Python, run through the loader of its tree; the code is the same for both architectures.
native=$work/../$python-amd64/base
if [ "$(uname -m)" = x86_64 ]; then
  for _ in $(seq 600); do # the other tree is being unpacked at the same time
    [ -x "$native/usr/bin/python$python" ] && [ -e "$native/lambda-entrypoint.sh" ] && break
    sleep 0.1
  done
  PYTHONHOME=$native/usr "$native/lib64/ld-linux-x86-64.so.2" --library-path "$native/usr/lib/x86_64-linux-gnu" \
    "$native/usr/bin/python$python" -I -S -X pycache_prefix= -m compileall -q --invalidation-mode unchecked-hash -s "$base" -p / \
    -x '/(test|tests|idlelib|turtledemo)/' "$base/usr/lib/python$python" "$site" || true
fi

for part; do
  tar -C "$work/$part" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$work/$part.tar" .
  sha256sum <"$work/$part.tar" | cut -c1-64 >"$work/$part.sha256"
  gzip -1 "$work/$part.tar"
done
