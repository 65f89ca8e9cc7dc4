#!/bin/sh
# furnish.sh - runs in the tree of a machine: what a container gets from outside and a machine has on its disk.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

echo machine >/etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 machine\n::1 localhost ip6-localhost\n' >/etc/hosts
echo '/dev/vda / ext4 errors=remount-ro 0 1' >/etc/fstab

for user in root ops pat guest; do
  home=$(awk -F: -v user="$user" '$1 == user { print $6 }' /etc/passwd)
  install -d -m 700 -o "$user" -g "$user" "$home/.ssh"
  install -m 600 -o "$user" -g "$user" /root/lab.pub "$home/.ssh/authorized_keys"
done
rm -f /root/lab.pub

# Addresses of the blocks kept for documentation, as in the lab (paths.ts).
cat >/etc/systemd/network/lab.network <<'NETWORK'
[Match]
Type=ether

[Network]
Address=192.0.2.10/24
Gateway=192.0.2.2
LinkLocalAddressing=no
IPv6AcceptRA=no
NETWORK
systemctl --quiet enable systemd-networkd.service
systemctl --quiet mask systemd-networkd-wait-online.service systemd-timesyncd.service

# A root shell over a serial line, whatever the firewall, sshd and network do.
cat >/etc/systemd/system/lab-root-shell.service <<'UNIT'
[Unit]
Description=The lab's root shell on the second serial line
DefaultDependencies=no
After=local-fs.target systemd-udevd.service
Conflicts=shutdown.target

[Service]
ExecStart=/bin/sh /usr/local/lib/lab/root-shell.sh /dev/ttyS1
Restart=always
RestartSec=200ms

[Install]
WantedBy=sysinit.target
UNIT
systemctl --quiet enable lab-root-shell.service
# The first one is the log of the boot.
systemctl --quiet mask serial-getty@ttyS0.service getty@tty1.service
