#!/bin/sh
# Installs what the emulated machine needs beyond the lab itself (../install.sh), as root, without questions. Quick
# when all is there.
set -eu

# program:package
wanted='
qemu-system-x86_64:qemu-system-x86
nbdkit:nbdkit
setpriv:util-linux
cpio:cpio
gzip:gzip
'

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

missing=
for pair in $wanted; do
  if ! command -v "${pair%%:*}" >/dev/null 2>&1; then
    missing="$missing ${pair#*:}"
  fi
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "the machine needs these packages, and root to install them:$missing" >&2
  exit 1
fi

DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
install_missing() {
  # shellcheck disable=SC2086  # a list of package names
  apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 $missing >&2
}

install_missing 2>/dev/null || {
  apt-get update -qq -o DPkg::Lock::Timeout=300 >&2
  install_missing
}
