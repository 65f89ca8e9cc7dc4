#!/bin/sh
# build-disk.sh TARGET LOWERDIRS PUBLIC-KEY - makes a folder TARGET with a machine's disk, kernel and initrd out of the
# lab's trees, all or nothing. Run under the image's lock, and in mount and pid namespaces of its own, so that nothing
# outlives it when it is killed.
set -eu
target=$1 lower=$2 key=$3
here=$(dirname "$0")
part=$target.part

rm -rf --one-file-system "$part"
mkdir -p "$part/image" "$part/upper" "$part/work" "$part/root" "$part/initrd"
root=$part/root
mount -t overlay -o "lowerdir=$lower,upperdir=$part/upper,workdir=$part/work" overlay "$root"

# What makes it this server, as an installer leaves it.
install -D -m 644 "$here/root-shell.sh" "$root/usr/local/lib/lab/root-shell.sh"
cp "$key" "$root/root/lab.pub"
tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
chroot "$root" /bin/sh -s <"$here/furnish.sh"

# The kernel has ext4 built in and everything of virtio as modules: the initrd is those that lead to the disk.
version=$(ls "$root/lib/modules")
cp "$root/boot/vmlinuz-$version" "$part/image/vmlinuz"
mkdir -p "$part/initrd/bin" "$part/initrd/modules" "$part/initrd/dev" "$part/initrd/proc" "$part/initrd/root"
cp "$(command -v busybox)" "$part/initrd/bin/busybox"
install -m 755 "$here/initrd.sh" "$part/initrd/init"
for module in virtio_pci virtio_blk; do
  chroot "$root" modprobe --set-version "$version" --show-depends "$module" | while read -r kind path rest; do
    : "$rest"
    [ "$kind" = insmod ] || continue
    cp "$root$path" "$part/initrd/modules/"
    basename "$path"
  done
done >"$part/initrd/modules/order"
(cd "$part/initrd" && find . | cpio --quiet -o -H newc | gzip -1) >"$part/image/initrd"

# A kernel and an initrd given by the emulator need none on the disk.
rm -rf "${root:?}"/boot/*
truncate --size 1G "$part/image/disk"
mkfs.ext4 -q -L root -d "$root" "$part/image/disk"

umount "$root"
sync -f "$part"
mv "$part/image" "$target"
rm -rf --one-file-system "$part"
