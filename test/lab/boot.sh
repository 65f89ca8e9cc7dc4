#!/bin/sh
# boot.sh NAME LOOP LOWERDIRS CGROUP… - powers one server on, and ends with it: 133 means that it asked to be rebooted.
#
# Run by keeper.ts in a mount namespace of its own: the disk is mounted here, at every boot, and is unmounted by the
# death of the last process of the server. Nothing else on the machine sees these mounts or can hold them.
set -eu
name=$1 loop=$2 lower=$3
shift 3
here=/var/lib/hardtui-lab/servers/$name
disk=$here/disk
root=$here/root

for group in "$@"; do
  mkdir -p "$group"
  echo $$ > "$group/cgroup.procs"
done

mkdir -p "$disk" "$root"
mount -t ext4 "$loop" "$disk"
mkdir -p "$disk/upper" "$disk/work"
mount -t overlay -o "lowerdir=$lower,upperdir=$disk/upper,workdir=$disk/work" overlay "$root"

# On the first boot: what makes this server itself. On disk before it runs, as an installer leaves it.
if [ ! -e "$disk/provisioned" ]; then
  echo "$name" > "$root/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n::1 localhost ip6-localhost\n' "$name" > "$root/etc/hosts"
  tr -d - < /proc/sys/kernel/random/uuid > "$root/etc/machine-id"
  for user in root ops pat guest; do
    home=$(awk -F: -v user="$user" '$1 == user { print $6 }' "$root/etc/passwd")
    owner=$(awk -F: -v user="$user" '$1 == user { print $3 ":" $4 }' "$root/etc/passwd")
    mkdir -p "$root$home/.ssh"
    chmod 700 "$root$home/.ssh"
    cp "$here/../../key/id_ed25519.pub" "$root$home/.ssh/authorized_keys"
    chmod 600 "$root$home/.ssh/authorized_keys"
    chown -R "$owner" "$root$home/.ssh"
  done
  if [ -e "$here/variant.sh" ]; then chroot "$root" /bin/sh -s < "$here/variant.sh"; fi
  : > "$disk/provisioned"
  sync -f "$disk"
fi

# A time namespace, so that its uptime begins at this boot, as a machine's does: /proc/uptime, CLOCK_MONOTONIC, systemd's
# own count. There is none for CLOCK_REALTIME: the date is the host's.
read -r up _ < /proc/uptime
up=${up%.*}

# The host may have cgroup v1, v2 or both; a Debian server since 11 has v2.
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY
# sysctl(8) of net.* works, as on a machine of its own; the rest of /proc/sys is the host's and stays read-only.
SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
export SYSTEMD_NSPAWN_API_VFS_WRITABLE
exec unshare --time --fork --kill-child --boottime "-$up" --monotonic "-$up" \
  systemd-nspawn --quiet --boot --directory="$root" --machine="hardtui-$name" --hostname="$name" \
  --network-namespace-path="/run/netns/hardtui-$name-server" --capability=CAP_NET_ADMIN \
  --keep-unit --register=no --settings=no --link-journal=no --resolv-conf=off --timezone=off --console=pipe
