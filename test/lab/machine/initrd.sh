#!/bin/busybox sh
# The machine's initrd: loads what leads to the disk, mounts it read-only as Debian's does, and hands over to its init.
busybox=/bin/busybox
$busybox mount -t devtmpfs devtmpfs /dev
$busybox mount -t proc proc /proc
while read -r module; do
  $busybox insmod "/modules/$module" 2>/dev/null
done </modules/order
until [ -b /dev/vda ]; do $busybox sleep 0.05; done
# After a power cut this replays the journal.
$busybox mount -t ext4 -o ro /dev/vda /root
$busybox mount -o move /dev /root/dev
$busybox umount /proc
exec $busybox switch_root /root /sbin/init
