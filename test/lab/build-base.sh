#!/bin/sh
# build-base.sh TARGET SUITE MIRROR PACKAGE,PACKAGE,… - makes a base tree with debootstrap(8) at TARGET, all or nothing.
# Run under the tree's lock, and in mount and pid namespaces of its own, so that nothing outlives it when it is killed.
set -eu
target=$1 suite=$2 mirror=$3 packages=$4
here=$(dirname "$0")
part=$target.part

# What a killed build left behind; its mounts and processes went with its namespaces.
rm -rf --one-file-system "$part"

# Where apt goes through a proxy, debootstrap has to go through it too.
proxy=
eval "$(apt-config shell proxy Acquire::http::Proxy)"
if [ -n "$proxy" ]; then
  http_proxy=$proxy
  export http_proxy
fi

debootstrap --variant=minbase --include="$packages" "$suite" "$part" "$mirror"
chroot "$part" /bin/sh -s < "$here/furnish.sh"

# Never read by a server, and a third of the tree.
rm -rf "$part"/var/cache/apt/* "$part"/var/lib/apt/lists/* "$part"/usr/share/doc/* "$part"/usr/share/man/* \
  "$part"/usr/share/locale/* "$part"/var/log/bootstrap.log
sync -f "$part"
mv "$part" "$target"
