#!/bin/sh
# install.sh [PROGRAM:PACKAGE…] - installs what the lab needs on a Debian or Ubuntu machine, and the packages named, as
# root, without questions. Quick when all is there: it looks for the programs themselves and calls apt only for those
# that are missing.
set -eu

# program:package
wanted='
debootstrap:debootstrap
systemd-nspawn:systemd-container
ip:iproute2
nft:nftables
iptables:iptables
ssh:openssh-client
mkfs.ext4:e2fsprogs
losetup:mount
nsenter:util-linux
pgrep:procps
flock:util-linux
/usr/bin/python3:python3-minimal
tmux:tmux
shellcheck:shellcheck
busybox:busybox-static
sudo:sudo
perl:perl-base
dash:dash
'

# apt may have put these outside a login's PATH
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

missing=
for pair in $wanted "$@"; do
  if ! command -v "${pair%%:*}" >/dev/null 2>&1; then
    missing="$missing ${pair#*:}"
  fi
done
if [ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then
  missing="$missing debian-archive-keyring"
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "the lab needs these packages, and root to install them:$missing" >&2
  exit 1
fi

DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
install_missing() {
  # shellcheck disable=SC2086  # a list of package names
  apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 $missing >&2
}

# The package lists may be old enough to name versions that the mirror no longer has: then, and only then, update.
install_missing 2>/dev/null || {
  apt-get update -qq -o DPkg::Lock::Timeout=300 >&2
  install_missing
}
