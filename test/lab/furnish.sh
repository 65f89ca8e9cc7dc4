#!/bin/sh
# furnish.sh - runs in a new base tree: the users that every server has, and the traces of the building machine removed.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

useradd --create-home --shell /bin/bash --groups sudo,adm ops
useradd --create-home --shell /bin/bash --groups sudo,adm pat
useradd --create-home --shell /bin/bash guest
# Fixed, and known to the tests (users.ts).
printf 'pat:lab-pat-password\nguest:lab-guest-password\n' | chpasswd
printf 'ops ALL=(ALL:ALL) NOPASSWD: ALL\n' > /etc/sudoers.d/ops
chmod 440 /etc/sudoers.d/ops

# debootstrap copied these from the machine that it ran on. No name server: nothing is reachable anyway, and a look-up
# then fails at once.
: > /etc/resolv.conf
: > /etc/machine-id
: > /etc/fstab
echo server > /etc/hostname
[ -e /etc/default/locale ] || echo 'LANG=C.UTF-8' > /etc/default/locale
rm -rf /var/lib/dbus/machine-id

# These pull at the machine outside the container, or wait for what is not there.
for unit in e2scrub_reap.service e2scrub_all.timer apt-daily.timer apt-daily-upgrade.timer fstrim.timer; do
  rm -f "/etc/systemd/system/multi-user.target.wants/$unit" "/etc/systemd/system/timers.target.wants/$unit" \
    "/etc/systemd/system/default.target.wants/$unit"
done
