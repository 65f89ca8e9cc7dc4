#!/bin/sh
# build-layer.sh TARGET MIRROR SUITE LOWERDIRS PACKAGE… - installs packages over other trees with apt-get(8) and keeps what
# that changed at TARGET, as a lower directory for overlayfs. Debconf answers come on standard input.
# Run under the tree's lock, and in mount and pid namespaces of its own, so that nothing outlives it when it is killed.
set -eu
target=$1 mirror=$2 suite=$3 lower=$4
shift 4
part=$target.part

rm -rf --one-file-system "$part"
mkdir -p "$part/upper" "$part/work" "$part/root"
root=$part/root
mount -t overlay -o "lowerdir=$lower,upperdir=$part/upper,workdir=$part/work" overlay "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind /etc/resolv.conf "$root/etc/resolv.conf"
mount --bind /etc/hosts "$root/etc/hosts"

# Nothing may be started in the chroot.
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
echo "deb $mirror $suite main" > "$root/etc/apt/sources.list"
chroot "$root" debconf-set-selections

proxy=
eval "$(apt-config shell proxy Acquire::http::Proxy)"
apt() {
  # A mirror may be a frozen copy whose lists are past their date; their signatures are checked all the same.
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive \
    ${proxy:+http_proxy="$proxy"} \
    apt-get -y -qq -o Acquire::Check-Valid-Until=false -o DPkg::Options::=--force-unsafe-io \
    -o DPkg::Options::=--force-confold "$@"
}
apt update
apt install --no-install-recommends --allow-remove-essential "$@"
for name in "$@"; do
  # "-" at the end of a name: what is removed goes with its settings.
  case $name in *-) apt purge --allow-remove-essential "${name%-}" ;; esac
done
# Without systemd nobody else can tell when a boot is complete: init runs this after the last start script. And there
# are no virtual consoles to keep a getty on.
if [ -e "$root/etc/inittab" ] && ! grep -q lab-booted "$root/etc/inittab"; then
  sed -i 's/^[1-6]:/#&/' "$root/etc/inittab"
  echo 'lb:2345:once:/bin/touch /run/lab-booted' >> "$root/etc/inittab"
fi
rm -rf "$root/usr/sbin/policy-rc.d" "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* \
  "$root"/usr/share/man/* "$root"/usr/share/locale/*

umount -R "$root"
sync -f "$part"
mv "$part/upper" "$target"
rm -rf --one-file-system "$part"
